#pragma once

// Errors as values. A Result<T> is either a T or an Error that says what happened and, through
// with(), where: "reading kubeconfig: /etc/k: no such file". It is [[nodiscard]], which
// libstdc++ 12's std::expected is not.

#include <fmt/format.h>

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace ebb {

// What a caller can act on. Everything else about an error is in its message.
enum class Errc {
  invalid,       // the input breaks its own rules: do not retry
  not_found,     // the thing named does not exist
  exists,        // the thing to create exists already
  conflict,      // somebody else changed it first: read again, then retry
  expired,       // a resource version or continue token is too old: list again
  denied,        // credentials are missing or not enough
  unavailable,   // the other side cannot answer now: retry with back-off
  overloaded,    // the other side asks us to slow down
  too_large,     // over a documented limit
  io,            // the operating system refused
  unsupported,   // understood, and deliberately not done here
  cancelled,     // we stopped it ourselves
};

std::string_view to_string(Errc code);

struct Error {
  Errc code = Errc::invalid;
  std::string message;

  // The same error seen from one step further out.
  Error with(std::string_view context) && {
    message.insert(0, fmt::format("{}: ", context));
    return std::move(*this);
  }
  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

using Status = Result<void>;

template <class... Args>
std::unexpected<Error> fail(Errc code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{code, fmt::format(format, std::forward<Args>(args)...)});
}

#define EBB_CONCAT_(a, b) a##b
#define EBB_CONCAT(a, b) EBB_CONCAT_(a, b)
#define EBB_TRY_(tmp, decl, ...)                            \
  auto tmp = (__VA_ARGS__);                                 \
  if (!tmp) return std::unexpected(std::move(tmp).error()); \
  decl = *std::move(tmp)

// EBB_TRY(auto x, f()); declares x or returns f's error. Three statements: always inside braces.
#define EBB_TRY(decl, ...) EBB_TRY_(EBB_CONCAT(ebb_try_, __COUNTER__), decl, __VA_ARGS__)

// EBB_TRY_VOID(f()); the same for a Status.
#define EBB_TRY_VOID(...)                                                           \
  do {                                                                              \
    auto ebb_try_status = (__VA_ARGS__);                                            \
    if (!ebb_try_status) return std::unexpected(std::move(ebb_try_status).error()); \
  } while (false)

}   // namespace ebb
