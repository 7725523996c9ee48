#pragma once

// Ebb's own document of a scheduler's configuration:
//
//   apiVersion: scheduling.openfuyao.io/v1alpha1   # these two may be left out where it stands alone
//   kind: EbbSchedulerConfiguration
//   schedulerNames: [openfuyao-scheduler]          # not beside a KubeSchedulerConfiguration, whose profiles have names
//   publishOversold: true
//   logLevel: info                                 # debug, info, warning, error
//   leaderElection: {enabled: true, namespace: kube-system, name: openfuyao-scheduler, leaseDuration: 15s, ...}   # nor this
//   plugins: {Numa: {enabled: true, weight: 2}}    # of every profile
//   profiles: [{schedulerName: batch, plugins: {Gangs: {enabled: false}}}]

#include "model/profile/config_reader.h"
#include "model/profile/scheduler_configuration.h"

namespace ebb::model {

// Laid over what the KubeSchedulerConfiguration said, where there is one.
void read_ebb_section(ConfigReader& reader, const ConfigNode& document, bool beside_kubernetes, SchedulerConfiguration& configuration);

}   // namespace ebb::model
