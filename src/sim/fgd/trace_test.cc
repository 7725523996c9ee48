#include "sim/fgd/trace.h"

#include <gtest/gtest.h>

namespace ebb::sim::fgd {
namespace {

std::string error_of(const auto& result) { return result ? "no error" : result.error().message; }

TEST(Trace, reads_nodes_whatever_the_order_of_the_columns) {
  const auto nodes = parse_nodes("gpu,model,sn,cpu_milli,extra,memory_mib\n2,T4,n1,104000,x,1024\r\n0,,n2,32000,x,2048\n", "nodes.csv");
  ASSERT_TRUE(nodes) << error_of(nodes);
  ASSERT_EQ(nodes->size(), 2u);
  EXPECT_EQ(nodes->front().name, "n1");
  EXPECT_EQ(nodes->front().memory, gibibytes(1));
  EXPECT_EQ(nodes->front().accelerators.model, "T4");
  EXPECT_EQ(nodes->front().accelerators.cpu_free, cpus(104));
  EXPECT_EQ(nodes->front().accelerators.devices.size(), 2u);
  EXPECT_TRUE(nodes->back().accelerators.devices.empty());
}

TEST(Trace, reads_pods_with_shares_and_models) {
  const auto pods = parse_pods(
      "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\np1,6000,12288,1,460,\np2,8000,1024,8,1000,V100M16|V100M32\np3,100,1,0,0,\n",
      "f");
  ASSERT_TRUE(pods) << error_of(pods);
  EXPECT_TRUE((*pods)[0].request.shares_a_device());
  EXPECT_EQ((*pods)[0].request.share.v, 460);
  EXPECT_EQ((*pods)[1].request.total().v, 8000);
  EXPECT_EQ((*pods)[1].request.models, (std::vector<std::string>{"V100M16", "V100M32"}));
  EXPECT_EQ((*pods)[2].request.count, 0);
}

TEST(Trace, does_not_need_the_column_of_models) {
  const auto pods = parse_pods("name,cpu_milli,memory_mib,num_gpu,gpu_milli\np1,6000,12288,1,460\n", "f");
  ASSERT_TRUE(pods) << error_of(pods);
  EXPECT_TRUE(pods->front().request.models.empty());
}

TEST(Trace, says_in_which_line_of_which_file_what_is_wrong) {
  EXPECT_EQ(error_of(parse_nodes("", "n.csv")), "n.csv:1: the file is empty, a header line is expected");
  EXPECT_EQ(error_of(parse_nodes("sn,cpu_milli,memory_mib,gpu\n", "n.csv")), "n.csv:1: there is no column 'model'");
  const std::string header = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n";
  EXPECT_EQ(error_of(parse_pods(header, "p.csv")), "p.csv:1: there is nothing after the header");
  EXPECT_EQ(error_of(parse_pods(header + "p,1,1,1,460,\nq,1,1\n", "p.csv")), "p.csv:3: 3 fields, the header has 6");
  EXPECT_EQ(error_of(parse_pods(header + "p,6x,1,1,460,\n", "p.csv")),
            "p.csv:2: cpu_milli is '6x', a number from 0 to 1000000000 is expected");
  EXPECT_EQ(error_of(parse_pods(header + "p,6,1,1,1001,\n", "p.csv")), "p.csv:2: gpu_milli is '1001', a number from 1 to 1000 is expected");
  EXPECT_EQ(error_of(parse_pods(header + "p,6,1,1,10,\np,6,1,1,10,\n", "p.csv")), "p.csv:3: 'p' is there twice");
  EXPECT_EQ(error_of(parse_pods(header + "p,6,1,2,500,\n", "p.csv")),
            "p.csv:2: 2 devices of 500/1000 each: several devices are whole ones");
}

}   // namespace
}   // namespace ebb::sim::fgd
