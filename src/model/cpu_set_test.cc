#include "model/cpu_set.h"

#include <gtest/gtest.h>

namespace ebb::model {
namespace {

TEST(CpuSet, ReadsAndWritesTheKernelsLists) {
  for (const char* text : {"", "0", "0-3", "0-3,8,10-11", "63-64,1023"}) EXPECT_EQ(CpuSet::parse(text)->to_string(), text);
  EXPECT_EQ(CpuSet::parse("8,0,1,2,9")->to_string(), "0-2,8-9");
}

TEST(CpuSet, TellsWhatIsNotAList) {
  for (const char* text : {"a", "1-", "-1", "3-1", "1,,2", "1,", "1024", "0-1024", " 1"}) EXPECT_FALSE(CpuSet::parse(text)) << text;
}

TEST(CpuSet, CountsJoinsAndCuts) {
  const CpuSet a = *CpuSet::parse("0-7,100");
  const CpuSet b = *CpuSet::parse("4-9");
  EXPECT_EQ(a.size(), 9);
  EXPECT_EQ(a.common(b), 4);
  EXPECT_EQ((a | b).to_string(), "0-9,100");
  EXPECT_EQ((a & b).to_string(), "4-7");
  EXPECT_EQ((a - b).to_string(), "0-3,100");
  EXPECT_TRUE(a.contains_all(a & b));
  EXPECT_FALSE(a.contains_all(b));
  EXPECT_EQ((a & *CpuSet::parse("3-4,100")).list(), (std::vector<int>{3, 4, 100}));
  EXPECT_FALSE(a.contains(-1));
  EXPECT_FALSE(a.contains(5000));
}

}   // namespace
}   // namespace ebb::model
