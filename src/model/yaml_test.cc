#include "model/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> findings_of(std::string_view text, const YamlOptions& options = {}) {
  std::vector<std::string> lines;
  for (const Finding& finding : parse_yaml(text, options).findings) lines.push_back(to_string(finding));
  return lines;
}

std::string json_of(std::string_view text) {
  const YamlText parsed = parse_yaml(text);
  if (!parsed.ok()) return "refused: " + to_string(parsed.findings.front());
  if (parsed.documents.size() != 1) return fmt::format("{} documents", parsed.documents.size());
  const auto json = to_json(parsed.documents.front());
  return json ? *json : "error: " + json.error().message;
}

struct Scalar {
  std::string_view yaml;
  std::string_view json;
};

void PrintTo(const Scalar& row, std::ostream* out) { *out << row.yaml; }

class ScalarTest : public ::testing::TestWithParam<Scalar> {};

TEST_P(ScalarTest, means_what_kubectl_takes_it_for) {
  EXPECT_EQ(json_of(fmt::format("a: {}\n", GetParam().yaml)), fmt::format("{{\"a\":{}}}", GetParam().json));
}

// What sigs.k8s.io/yaml 1.6 makes of each.
INSTANTIATE_TEST_SUITE_P(
    Yaml, ScalarTest,
    ::testing::Values(Scalar{"yes", "true"}, Scalar{"Off", "false"}, Scalar{"y", "true"}, Scalar{"N", "false"}, Scalar{"yEs", "\"yEs\""},
                      Scalar{"\"yes\"", "\"yes\""}, Scalar{"'on'", "\"on\""}, Scalar{"true", "true"}, Scalar{"~", "null"},
                      Scalar{"", "null"}, Scalar{"null", "null"}, Scalar{"nULL", "\"nULL\""}, Scalar{"''", "\"\""}, Scalar{"12", "12"},
                      Scalar{"+7", "7"}, Scalar{"-0", "0"}, Scalar{"0123", "83"}, Scalar{"0o17", "15"}, Scalar{"0x1F", "31"},
                      Scalar{"-0b11", "-3"}, Scalar{"1_000", "1000"}, Scalar{"089", "89"},
                      Scalar{"18446744073709551615", "18446744073709551615"}, Scalar{"18446744073709551616", "18446744073709552000"},
                      Scalar{"-9223372036854775808", "-9223372036854775808"}, Scalar{"1.50", "1.5"}, Scalar{".5", "0.5"},
                      Scalar{"1e3", "1000"}, Scalar{"1E-7", "1e-7"}, Scalar{"0.000001", "0.000001"}, Scalar{"1e21", "1e+21"},
                      Scalar{"123456789.25", "123456789.25"}, Scalar{"1e400", "\"1e400\""}, Scalar{"1e-400", "0"},
                      Scalar{"2026-01-02", "\"2026-01-02\""}, Scalar{"12:30:45", "\"12:30:45\""}, Scalar{"1.2.3", "\"1.2.3\""},
                      Scalar{"!!str 12", "\"12\""}, Scalar{"!!int \"5\"", "5"}, Scalar{"!foo 12", "\"12\""}, Scalar{"100m", "\"100m\""},
                      Scalar{"4Gi", "\"4Gi\""}, Scalar{"\"\\u00e9\\t\"", "\"é\\t\""}));

TEST(Yaml, mappings_lists_and_blocks_become_json_in_document_order) {
  EXPECT_EQ(json_of("b: 1\na:\n- x\n- {w: [z]}\n"), R"({"b":1,"a":["x",{"w":["z"]}]})");
  EXPECT_EQ(json_of("a: |\n  one\n   two\n\nb: >-\n  three\n  four\n"), R"({"a":"one\n two\n","b":"three four"})");
  EXPECT_EQ(json_of("1: a\ntrue: b\n1.5: c\n"), R"({"1":"a","true":"b","1.5":"c"})");
}

TEST(Yaml, what_json_cannot_say_is_refused_with_its_line) {
  EXPECT_THAT(json_of("a: 1\nb: .nan\n"), HasSubstr("error: line 2: .nan cannot be said in JSON"));
  EXPECT_THAT(json_of("~: 1\n"), HasSubstr("error: line 1: a key must be text"));
  EXPECT_THAT(json_of("a: !!binary aGk=\n"), HasSubstr("error: line 1: !!binary"));
  EXPECT_THAT(json_of("a: !!int x\n"), HasSubstr("error: line 1: x is no !!int"));
  EXPECT_THAT(json_of("yes: 1\ntrue: 2\n"), HasSubstr("error: line 2: the key true stands twice"));
}

TEST(Yaml, aliases_and_merge_keys_work_in_manifests) {
  EXPECT_EQ(json_of("a: &x {k: 1}\nb: *x\nc: {<<: *x, k: 2, l: 3}\nd: {k: 0, <<: [*x, {m: 4}]}\n"),
            R"({"a":{"k":1},"b":{"k":1},"c":{"k":2,"l":3},"d":{"k":0,"m":4}})");
}

TEST(Yaml, a_strict_text_has_no_octals_anchors_aliases_tags_or_merge_keys) {
  const YamlOptions strict{.strict = true};
  EXPECT_THAT(findings_of("a: 0123\nb: &x 1\nc: *x\nd: !!str 1\ne: {<<: {f: 1}}\n", strict),
              ElementsAre(HasSubstr("line 1: a: '0123' is read as octal"), HasSubstr("line 2: b: anchors"), HasSubstr("line 3: c: aliases"),
                          HasSubstr("line 4: d: tags"), HasSubstr("line 5: e: merge keys")));
  EXPECT_THAT(findings_of("a: \"0123\"\nb: 0\nc: 0.5\nd: 007x\n", strict), IsEmpty());
}

TEST(Yaml, a_key_that_stands_twice_is_found_with_both_lines) {
  EXPECT_THAT(findings_of("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\na: 2\n"),
              ElementsAre("line 5: b.c: this key stands twice, first on line 3", "line 6: a: this key stands twice, first on line 1"));
  EXPECT_THAT(findings_of("{\"a\": 1,\n \"a\": 2}"), ElementsAre("line 2: a: this key stands twice, first on line 1"));
}

TEST(Yaml, lines_are_those_of_the_text) {
  const YamlText parsed = parse_yaml("# remark\n\na:\n  - b\n  -\n    c: |\n      text\n", {.first_line = 11});
  const YamlNode& list = *parsed.documents.front().find("a");
  EXPECT_EQ(parsed.documents.front().entries.front().key.line, 13);
  EXPECT_EQ(list.items[0].line, 14);
  EXPECT_EQ(list.items[1].line, 16);
  EXPECT_EQ(list.items[1].find("c")->text_line, 17);
}

TEST(Yaml, a_scalar_knows_whether_it_was_quoted) {
  const YamlText parsed = parse_yaml("a: b\nc: \"b\"\nd: |\n  b\n");
  EXPECT_TRUE(parsed.documents.front().find("a")->plain);
  EXPECT_FALSE(parsed.documents.front().find("c")->plain);
  EXPECT_FALSE(parsed.documents.front().find("d")->plain);
}

TEST(Yaml, documents_are_told_apart_by_their_separators_only) {
  EXPECT_EQ(parse_yaml("a: 1\n---\nb: 2\n...\n---\n# nothing\n---\nc: 3\n").documents.size(), 4u);
  EXPECT_TRUE(parse_yaml("---\n---\na: 1\n").documents.front().is_null());
  EXPECT_THAT(findings_of("[a]\n[b]\n"), ElementsAre(HasSubstr("line 2: the document ended before this")));
  EXPECT_THAT(parse_yaml("").documents, IsEmpty());
  EXPECT_THAT(findings_of(",a"),
              ElementsAre(HasSubstr("line 1: the document ended before this")));   // this parser would stay here for ever
}

TEST(Yaml, every_kind_of_line_end_and_a_byte_order_mark_are_fine) {
  EXPECT_EQ(json_of("\xef\xbb\xbf"
                    "a: 1\r\nb: 2\rc: 3\n"),
            R"({"a":1,"b":2,"c":3})");
}

TEST(Yaml, what_is_no_text_is_refused_with_its_line) {
  EXPECT_THAT(findings_of("a: 1\nb: \xff\n"), ElementsAre("line 2: byte 0xff is not UTF-8 text"));
  EXPECT_THAT(findings_of("\xed\xa0\x80"), ElementsAre(HasSubstr("not UTF-8")));
  EXPECT_THAT(findings_of("\xc0\x80"), ElementsAre(HasSubstr("not UTF-8")));
  EXPECT_THAT(findings_of(std::string("a: \0b", 5)), ElementsAre(HasSubstr("control character")));
  EXPECT_THAT(findings_of("a:\n\tb: 1\n"), ElementsAre(HasSubstr("line 2: a: a tab in the indentation")));
  EXPECT_THAT(findings_of("{\n\t\"a\": [\n\t\t1]}"), IsEmpty());
  EXPECT_THAT(findings_of("a: b: c\n"), ElementsAre(HasSubstr("line 1: this is not valid YAML")));
}

TEST(Yaml, size_depth_and_expansion_are_bounded) {
  EXPECT_THAT(findings_of("a: bcdefgh", {.bytes_max = 8}), ElementsAre("the text has 10 bytes, at most 8 are read"));
  EXPECT_THAT(findings_of(std::string(200, '[') + std::string(200, ']')), ElementsAre(HasSubstr("nested deeper than 100 levels")));
  EXPECT_THAT(findings_of(std::string(100'000, '[')), ::testing::Not(IsEmpty()));
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i)
    bomb += fmt::format("a{}: &a{} [{}]\n", i, i, fmt::format("*a{0},*a{0},*a{0},*a{0},*a{0},*a{0},*a{0},*a{0},*a{0},*a{0}", i - 1));
  EXPECT_THAT(findings_of(bomb), ElementsAre(HasSubstr("aliases expand to more than")));
  EXPECT_THAT(findings_of("a: &a [*a]\n"), ElementsAre(HasSubstr("this alias stands inside the value that it names")));
}

TEST(Yaml, json_is_read_as_json) {
  EXPECT_EQ(json_of(R"({"a":"\ud83c\udf0a \/ \ud800","b":[1,-2.5e3,null,true]})"),
            "{\"a\":\"\xf0\x9f\x8c\x8a / \xef\xbf\xbd\",\"b\":[1,-2500,null,true]}");
  const std::string key(3000, 'k');   // too long for a key in a YAML line
  EXPECT_EQ(json_of("{\"" + key + "\":1}"), "{\"" + key + "\":1}");
  EXPECT_EQ(json_of("{a: 1}"), R"({"a":1})");   // not JSON, but YAML
}

rc::Gen<std::string> a_text() {
  return rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab0 :-#\"'\\\n\t{}[],&*!|>%@`~=<?1.eE+_\xc3\xa9")));
}

RC_GTEST_PROP(Yaml, a_text_quoted_for_json_is_read_as_itself, ()) {
  const std::string text = *a_text();
  RC_PRE(parse_yaml(json_quoted(text)).ok());   // two of the letters are halves of one character
  const YamlText parsed = parse_yaml("- " + json_quoted(text) + "\n");
  RC_ASSERT(parsed.ok());
  RC_ASSERT(parsed.documents.front().items.front().text == text);
}

RC_GTEST_PROP(Yaml, whatever_comes_there_is_a_tree_or_a_finding_and_json_is_stable, ()) {
  const YamlText parsed = parse_yaml(*a_text());
  if (!parsed.ok()) return;
  for (const YamlNode& document : parsed.documents) {
    const auto json = to_json(document);
    if (json) RC_ASSERT(json_of(*json) == *json);
  }
}

}   // namespace
}   // namespace ebb::model
