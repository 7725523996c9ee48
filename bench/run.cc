#include "bench/run.h"

#include "bench/cluster.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace ebb::bench {

Measurement run(const Workload& workload, const Templates& templates) { return Cluster(workload, templates).run(); }

Result<Measurement> run_apart(const Workload& workload, const Templates& templates) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return fail(Errc::io, "pipe: {}", std::strerror(errno));
  const pid_t child = fork();
  if (child < 0) return fail(Errc::io, "fork: {}", std::strerror(errno));
  if (child == 0) {
    const Measurement made = run(workload, templates);
    const bool written = write(ends[1], &made, sizeof(made)) == sizeof(made);
    _exit(written ? EXIT_SUCCESS : EXIT_FAILURE);   // nothing is torn down: that would take time and prove nothing
  }
  close(ends[1]);
  Measurement made;
  const bool complete = read(ends[0], &made, sizeof(made)) == sizeof(made);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!complete) return fail(Errc::io, "{}: the process that ran it ended with status {}", workload.name, status);
  return made;
}

}   // namespace ebb::bench
