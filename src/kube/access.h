#pragma once

// Which API server, how to tell that it is the right one, and who we are to it. Comes from a
// kubeconfig or from the pod's own service account (kubeconfig.h).

#include "kube/secret.h"

#include <string>

namespace ebb::kube {

struct Access {
  std::string server;   // https://host:port; http:// to loopback only, and then without credentials

  std::string ca_pem;            // empty: the system's certificates
  std::string tls_server_name;   // checked instead of the host in `server`
  bool insecure_skip_tls_verify = false;

  Secret token;
  std::string token_file;   // read again every minute, and at once when the server refuses the token
  std::string client_certificate_pem;
  Secret client_key_pem;

  std::string ns;   // the context's namespace; empty: "default"
};

}   // namespace ebb::kube
