#pragma once

// Where the API server is and who we are, found as kubectl finds it: a file named outright, else the
// files of KUBECONFIG merged, else ~/.kube/config, else the pod's own service account.
//
// Understood: clusters, contexts, users with tokens, token files and client certificates, as files or
// inline. Plugins, proxies, passwords and impersonation are refused rather than silently left out.

#include "base/result.h"
#include "kube/access.h"

#include <string>
#include <string_view>
#include <vector>

namespace ebb::kube {

struct AccessQuery {
  std::string file;         // --kubeconfig; it must exist
  std::string kubeconfig;   // $KUBECONFIG: files separated by ':', those that do not exist are skipped
  std::string home;         // $HOME
  std::string context;      // instead of the current one

  std::string service_host;   // $KUBERNETES_SERVICE_HOST and _PORT: set inside a pod
  std::string service_port;
  std::string service_account_directory = "/var/run/secrets/kubernetes.io/serviceaccount";
};

// What the flags leave open is read from the environment. `flag` empty: not given.
AccessQuery access_query_from_environment(std::string flag);

// Errors: not_found (nothing configured, or a name that is nowhere), invalid (with file and line),
// unsupported. No message ever holds a token, password or key.
Result<Access> load_access(const AccessQuery& query);
Result<Access> load_access(std::string flag);   // of the environment

struct KubeconfigText {
  std::string path;   // relative paths inside start from its folder
  std::string text;
};

// The files merged: of every name and of current-context the first wins. Errors as load_access.
Result<Access> parse_kubeconfig(const std::vector<KubeconfigText>& files, std::string_view context = {});

}   // namespace ebb::kube
