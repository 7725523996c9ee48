#pragma once

// Every subcommand, one function each, defined in NAME_command.cc.

#include "cli/command.h"

namespace ebb::cli {

int run_up(const Arguments& arguments);
int run_demo(const Arguments& arguments);
int run_scheduler(const Arguments& arguments);
int run_check_config(const Arguments& arguments);
int run_explain(const Arguments& arguments);
int run_sim(const Arguments& arguments);
int run_status(const Arguments& arguments);
int run_apply(const Arguments& arguments);
int run_test(const Arguments& arguments);
int run_version(const Arguments& arguments);

}   // namespace ebb::cli
