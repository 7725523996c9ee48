#pragma once

// Waiting for the signals that end a program. They are blocked in every thread and fetched by one.

namespace ebb::cli {

// Blocks SIGINT and SIGTERM in this thread and those it starts from now on, and ignores SIGPIPE.
// Called first thing, before any thread exists.
void block_ending_signals();

// Waits for one of them.
void wait_for_ending_signal();

// Whether one has come; takes it.
bool ending_signal_came();

}   // namespace ebb::cli
