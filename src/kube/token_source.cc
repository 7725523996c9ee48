#include "kube/token_source.h"

#include "kube/read_file.h"

namespace ebb::kube {

namespace {
constexpr Duration kReadAgain = seconds(60);
}

Result<std::string> TokenSource::authorization() {
  if (file_.empty()) return fixed_.empty() ? std::string() : "Bearer " + fixed_.reveal();
  const std::lock_guard lock(mutex_);
  if (!read_again_ || read_again_->passed()) {
    auto read = read_file();
    // A token that was good a minute ago is better than none while its file is being replaced.
    if (!read && from_file_.empty()) return std::unexpected(std::move(read).error());
    if (read) from_file_ = *std::move(read);
    read_again_ = Deadline::after(kReadAgain);
  }
  return "Bearer " + from_file_;
}

bool TokenSource::renew() {
  if (file_.empty()) return false;
  const std::lock_guard lock(mutex_);
  auto read = read_file();
  if (!read || *read == from_file_) return false;
  from_file_ = *std::move(read);
  read_again_ = Deadline::after(kReadAgain);
  return true;
}

Result<std::string> TokenSource::read_file() const {
  EBB_TRY(std::string text, read_whole_file(file_, 1 << 20));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ' || text.back() == '\t')) text.pop_back();
  if (text.empty()) return fail(Errc::invalid, "{}: the token file is empty", file_);
  return text;
}

}   // namespace ebb::kube
