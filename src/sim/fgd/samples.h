#pragma once

// Samples taken after each arrival, as one value per percent of arrived load: the mean of those whose
// load rounds to that percent; where there are none, of those within one percent around it; where there
// are none either, because one pod wants more than that, the value of the percent before.

#include <cstddef>
#include <vector>

namespace ebb::sim::fgd {

class Samples {
 public:
  void add(double arrived_percent, double value);
  std::vector<double> by_percent(std::size_t last) const;   // for 0..last

 private:
  struct Sum {
    double values = 0;
    std::size_t count = 0;
  };
  std::vector<Sum> sums_;
};

}   // namespace ebb::sim::fgd
