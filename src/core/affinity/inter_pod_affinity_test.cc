#include "core/affinity/affinity_testing.h"

#include <gtest/gtest.h>

namespace ebb::core::affinity {
namespace {

using namespace testing;
using Scores = Cluster::Scores;

const model::Labels kSecurity{{"security", "S1"}};
const model::Labels kService{{"service", "securityscan"}};

model::Pod wanting(std::vector<model::PodAffinityTerm> terms, model::Labels labels = {}) {
  model::Pod pod = a_pod(std::move(labels));
  pod.required_affinity = std::move(terms);
  return pod;
}
model::Pod avoiding(std::vector<model::PodAffinityTerm> terms, model::Labels labels = {}) {
  model::Pod pod = a_pod(std::move(labels));
  pod.required_anti_affinity = std::move(terms);
  return pod;
}
model::Pod preferring(std::vector<model::WeightedPodAffinityTerm> terms, model::Labels labels = {}) {
  model::Pod pod = a_pod(std::move(labels));
  pod.preferred_affinity = std::move(terms);
  return pod;
}
model::Pod shunning(std::vector<model::WeightedPodAffinityTerm> terms, model::Labels labels = {}) {
  model::Pod pod = a_pod(std::move(labels));
  pod.preferred_anti_affinity = std::move(terms);
  return pod;
}

// Hosts a and b in region r1, c in r2, and d in no region.
class Regions : public ::testing::Test {
 protected:
  Regions() {
    cluster_.host("a", {{"region", "r1"}});
    cluster_.host("b", {{"region", "r1"}});
    cluster_.host("c", {{"region", "r2"}});
    cluster_.host("d");
  }
  Cluster cluster_;
};

// Required affinity.

TEST_F(Regions, APodWithoutTermsFitsEverywhere) {
  cluster_.place(0, a_pod(kSecurity));
  EXPECT_EQ(cluster_.refusals(a_pod()), "....");
}

TEST_F(Regions, TheWholeDomainOfAMatchingPodFits) {
  cluster_.place(0, a_pod(kSecurity));
  EXPECT_EQ(cluster_.refusals(wanting({term("security=S1", "region")})), "..AA");
  EXPECT_EQ(cluster_.refusals(wanting({term("security notin (S2)", "region")})), "..AA");
  EXPECT_EQ(cluster_.refusals(wanting({term("security=S2", "region")})), "AAAA");
}

TEST_F(Regions, AllRequirementsOfASelectorMustMatch) {
  cluster_.place(0, a_pod(kSecurity));
  EXPECT_EQ(cluster_.refusals(wanting({term("security=S1,tier", "region")})), "AAAA");
}

TEST_F(Regions, AllTermsMustBeMatchedByOnePod) {
  cluster_.place(0, a_pod(kSecurity));
  cluster_.place(0, a_pod(kService));
  EXPECT_EQ(cluster_.refusals(wanting({term("security=S1", "region"), term("service", "region")})), "AAAA");
  model::Pod both = a_pod(kSecurity);
  both.labels.insert(kService.begin(), kService.end());
  cluster_.place(1, both);
  EXPECT_EQ(cluster_.refusals(wanting({term("security=S1", "region"), term("service", kHost)})), "A.AA");
}

TEST_F(Regions, ATermWithoutASelectorMatchesNobody) {
  cluster_.place(0, a_pod(kSecurity));
  model::PodAffinityTerm nobody = term("", "region");
  EXPECT_EQ(cluster_.refusals(wanting({nobody})), "..AA");   // empty: everybody
  nobody.selector.reset();
  EXPECT_EQ(cluster_.refusals(wanting({nobody})), "AAAA");
}

TEST_F(Regions, OnlyThePodsOwnNamespaceCountsUnlessTheTermNamesOthers) {
  cluster_.place(0, a_pod(kSecurity, "elsewhere"));
  EXPECT_EQ(cluster_.refusals(wanting({term("security=S1", "region")})), "AAAA");
  EXPECT_EQ(cluster_.refusals(wanting({in_namespaces(term("security=S1", "region"), {"elsewhere"})})), "..AA");
}

TEST_F(Regions, ANamespaceSelectorFindsNamespacesByTheirLabels) {
  cluster_.place(0, a_pod(kSecurity, "elsewhere"));
  const model::Pod pod = wanting({in_namespaces_with(term("security=S1", "region"), "team=red")});
  EXPECT_EQ(cluster_.refusals(pod), "AAAA");
  cluster_.index.namespace_seen("elsewhere", {{"team", "red"}});
  EXPECT_EQ(cluster_.refusals(pod), "..AA");
  cluster_.index.namespace_seen("elsewhere", {{"team", "blue"}});
  EXPECT_EQ(cluster_.refusals(pod), "AAAA");
}

TEST_F(Regions, ANamespaceThatDoesNotExistIsFoundByTheEmptySelectorOnly) {
  cluster_.place(0, a_pod(kSecurity, "elsewhere"));
  EXPECT_EQ(cluster_.refusals(wanting({in_namespaces_with(term("security=S1", "region"), "")})), "..AA");
  EXPECT_EQ(cluster_.refusals(wanting({in_namespaces_with(term("security=S1", "region"), "!team")})), "AAAA");
  cluster_.index.namespace_seen("elsewhere", {});
  EXPECT_EQ(cluster_.refusals(wanting({in_namespaces_with(term("security=S1", "region"), "!team")})), "..AA");
}

TEST_F(Regions, TheFirstPodOfAKindMayBeItsOwnCompanyWhereTheLabelsAre) {
  const model::Pod first = wanting({term("service", "region")}, kService);
  EXPECT_EQ(cluster_.refusals(first), "...A");
  EXPECT_EQ(cluster_.refusals(wanting({term("service", "region")}, kSecurity)), "AAAA");
  cluster_.place(2, first);
  EXPECT_EQ(cluster_.refusals(first), "AA.A");
}

TEST_F(Regions, AMatchingPodOutsideEveryDomainDoesNotPreventTheFirst) {
  cluster_.place(3, a_pod(kService));   // on d, which is in no region
  EXPECT_EQ(cluster_.refusals(wanting({term("service", "region")}, kService)), "...A");
}

TEST_F(Regions, TerminatingPodsAreStillCompany) {
  cluster_.place_terminating(0, a_pod(kSecurity));
  EXPECT_EQ(cluster_.refusals(wanting({term("security=S1", "region")})), "..AA");
}

// Anti-affinity.

TEST_F(Regions, APodStaysOutOfTheDomainsOfThoseItAvoids) {
  cluster_.place(0, a_pod(kSecurity));
  EXPECT_EQ(cluster_.refusals(avoiding({term("security=S1", "region")})), "aa..");
  EXPECT_EQ(cluster_.refusals(avoiding({term("security=S1", kHost)})), "a...");
}

TEST_F(Regions, OneOfSeveralAvoidedPodsIsEnough) {
  cluster_.place(0, a_pod(kSecurity));
  cluster_.place(2, a_pod(kService));
  EXPECT_EQ(cluster_.refusals(avoiding({term("security=S1", kHost), term("service", "region")})), "a.a.");
}

TEST_F(Regions, AffinityIsAskedBeforeAntiAffinityAndThatBeforeTheOthers) {
  cluster_.place(0, avoiding({term("x", "region")}, kSecurity));
  model::Pod pod = wanting({term("security=S1", "region")}, {{"x", ""}});
  EXPECT_EQ(cluster_.refusals(pod), "xxAA");
  pod.required_anti_affinity = {term("security=S1", kHost)};
  EXPECT_EQ(cluster_.refusals(pod), "axAA");
}

TEST_F(Regions, SpreadingIsAskedBeforeAffinity) {
  cluster_.place(0, a_pod(kSecurity));
  model::Pod pod = avoiding({term("security=S1", "region")}, kSecurity);
  pod.spread_constraints = {required(1, "region", "security")};
  EXPECT_EQ(cluster_.refusals(pod), "ss.l");
}

TEST_F(Regions, PodsThatAreThereKeepOutThoseTheyAvoid) {
  cluster_.place(0, avoiding({term("security=S1", "region")}));
  EXPECT_EQ(cluster_.refusals(a_pod(kSecurity)), "xx..");
  EXPECT_EQ(cluster_.refusals(a_pod(kService)), "....");
  EXPECT_EQ(cluster_.refusals(a_pod(kSecurity, "elsewhere")), "....");
}

TEST_F(Regions, APodThatIsThereWithoutTheTopologyLabelKeepsNobodyOut) {
  cluster_.place(3, avoiding({term("security=S1", "region")}));
  EXPECT_EQ(cluster_.refusals(a_pod(kSecurity)), "....");
}

TEST_F(Regions, ForPodsThatAreThereAnUnknownNamespaceHasNoLabels) {
  cluster_.place(0, avoiding({in_namespaces_with(term("security=S1", "region"), "!team")}));
  EXPECT_EQ(cluster_.refusals(a_pod(kSecurity, "elsewhere")), "xx..");
  cluster_.index.namespace_seen("elsewhere", {{"team", "red"}});
  EXPECT_EQ(cluster_.refusals(a_pod(kSecurity, "elsewhere")), "....");
}

// Preferences.

TEST_F(Regions, MoreMatchingPodsInADomainAreWorthMore) {
  cluster_.place(0, a_pod(kSecurity), 2);
  cluster_.place(2, a_pod(kSecurity));
  EXPECT_EQ(cluster_.inter_pod(preferring({{5, term("security=S1", "region")}})), (Scores{100, 100, 50, 0}));
  EXPECT_EQ(cluster_.inter_pod(shunning({{5, term("security=S1", "region")}})), (Scores{0, 0, 50, 100}));
}

TEST_F(Regions, WeightsOfTermsAddUp) {
  cluster_.place(0, a_pod(kSecurity));
  cluster_.place(2, a_pod(kService));
  EXPECT_EQ(cluster_.inter_pod(preferring({{8, term("security=S1", "region")}, {2, term("service", kHost)}})), (Scores{100, 100, 25, 0}));
}

TEST_F(Regions, WhereNothingMatchesAllNodesScoreZero) {
  EXPECT_EQ(cluster_.inter_pod(preferring({{5, term("security=S1", "region")}})), (Scores{0, 0, 0, 0}));
}

TEST_F(Regions, PreferencesOfPodsThatAreThereCountAsWell) {
  cluster_.place(0, preferring({{5, term("security=S1", "region")}}));
  cluster_.place(2, shunning({{5, term("security=S1", "region")}}));
  EXPECT_EQ(cluster_.inter_pod(a_pod(kSecurity)), (Scores{100, 100, 0, 50}));
  EXPECT_EQ(cluster_.inter_pod(a_pod(kService)), (Scores{0, 0, 0, 0}));
}

TEST_F(Regions, RequiredAffinityOfPodsThatAreThereCountsWithTheConfiguredWeight) {
  cluster_.place(0, wanting({term("security=S1", "region")}));
  cluster_.place(2, preferring({{5, term("security=S1", "region")}}));
  RequirementSpec spec = requirement_of(a_pod(kSecurity));
  EXPECT_EQ(cluster_.inter_pod(spec), (Scores{20, 20, 100, 0}));   // by default 1
  spec.hard_pod_affinity_weight = 10;
  EXPECT_EQ(cluster_.inter_pod(spec), (Scores{100, 100, 50, 0}));
  spec.hard_pod_affinity_weight = 0;
  EXPECT_EQ(cluster_.inter_pod(spec), (Scores{0, 0, 100, 0}));
}

TEST_F(Regions, ExistingPreferencesCanBeIgnoredByPodsThatHaveNone) {
  cluster_.place(0, preferring({{5, term("security=S1", "region")}}));
  cluster_.place(0, wanting({term("security=S1", "region")}));
  RequirementSpec spec = requirement_of(a_pod(kSecurity));
  spec.ignore_preferred_terms_of_existing_pods = true;
  EXPECT_EQ(cluster_.inter_pod(spec), (Scores{0, 0, 0, 0}));
  spec.preferred_affinity = {{5, term("nobody", "region")}};
  EXPECT_EQ(cluster_.inter_pod(spec), (Scores{100, 100, 0, 0}));
}

TEST_F(Regions, ScoresAreNormalisedOverTheFeasibleNodesOnly) {
  cluster_.place(0, a_pod(kSecurity), 4);
  cluster_.place(2, a_pod(kSecurity));
  EXPECT_EQ(cluster_.inter_pod(requirement_of(preferring({{5, term("security=S1", "region")}})), {3, 2}), (Scores{0, 100}));
}

}   // namespace
}   // namespace ebb::core::affinity
