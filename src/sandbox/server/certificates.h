#pragma once

// The sandbox's own certificate authority and the server certificate it signs. The CA is made once
// and may be kept (a kubeconfig written yesterday goes on working); the server's certificate is made
// anew at each start and its key never leaves the process.

#include "base/result.h"
#include "base/time.h"

#include <string>
#include <vector>

namespace ebb::sandbox {

// PEM texts. The key is a secret: it goes into the process and the data file (mode 600), nowhere else.
struct CertificateAuthority {
  std::string certificate;
  std::string key;
};

struct ServerCertificate {
  std::string certificate;
  std::string key;
};

// ECDSA P-256, ten years. Errors: io (the library refused).
Result<CertificateAuthority> make_certificate_authority(Instant now);

// One year, for the given IP addresses and DNS names. Errors: invalid (the CA's texts do not parse), io.
Result<ServerCertificate> issue_server_certificate(const CertificateAuthority& authority, const std::vector<std::string>& addresses,
                                                   const std::vector<std::string>& names, Instant now);

// 256 random bits as hexadecimal text.
Result<std::string> make_token();

}   // namespace ebb::sandbox
