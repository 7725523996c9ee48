#include "kube/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace ebb::kube {
namespace {

struct BioDeleter {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
struct CertificateDeleter {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
struct KeyDeleter {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using BioPtr = std::unique_ptr<BIO, BioDeleter>;
using CertificatePtr = std::unique_ptr<X509, CertificateDeleter>;
using KeyPtr = std::unique_ptr<EVP_PKEY, KeyDeleter>;

// The socket BIO of OpenSSL writes with write(2), which raises SIGPIPE when the server went away.
int socket_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int socket_write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int socket_read(BIO* bio, char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto got = ::recv(socket_of(bio), bytes, static_cast<std::size_t>(size), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

long socket_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

BioPtr memory_bio(const std::string& text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

int no_passphrase(char*, int, int, void*) { return 0; }

Status add_authorities(SSL_CTX* context, const std::string& pem) {
  const BioPtr bio = memory_bio(pem);
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  int count = 0;
  while (const CertificatePtr certificate{PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)}) {
    if (X509_STORE_add_cert(store, certificate.get()) != 1)
      return fail(Errc::invalid, "certificate authority: {}", openssl_error("refused"));
    ++count;
  }
  ERR_clear_error();   // the end of the text is an error to OpenSSL
  if (count == 0) return fail(Errc::invalid, "certificate authority: no PEM certificate in it");
  return {};
}

Status use_client_certificate(SSL_CTX* context, const std::string& certificate_pem, const Secret& key_pem) {
  if (key_pem.empty()) return fail(Errc::invalid, "client certificate without its key");
  const BioPtr chain = memory_bio(certificate_pem);
  const CertificatePtr leaf{PEM_read_bio_X509_AUX(chain.get(), nullptr, no_passphrase, nullptr)};
  if (leaf == nullptr || SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    return fail(Errc::invalid, "client certificate: {}", openssl_error("no PEM certificate in it"));
  }
  while (X509* intermediate = PEM_read_bio_X509(chain.get(), nullptr, no_passphrase, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, intermediate) != 1) X509_free(intermediate);
  }
  ERR_clear_error();
  const BioPtr key_bio = memory_bio(key_pem.reveal());
  const KeyPtr key{PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_passphrase, nullptr)};
  if (key == nullptr) return fail(Errc::invalid, "client key: {}", openssl_error("no PEM key in it (encrypted keys are not supported)"));
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return fail(Errc::invalid, "client key: {}", openssl_error("it is not the certificate's"));
  }
  return {};
}

bool is_ip(const std::string& host) {
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str());
  ASN1_OCTET_STRING_free(address);
  ERR_clear_error();
  return address != nullptr;
}

}   // namespace

void SslDeleter::operator()(SSL* ssl) const noexcept { SSL_free(ssl); }

std::string openssl_error(std::string_view fallback) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return std::string(fallback);
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? std::string(reason) : std::string(fallback);
}

std::string verification_error(const SSL* ssl) {
  const long result = SSL_get_verify_result(ssl);
  return result == X509_V_OK ? std::string() : std::string(X509_verify_cert_error_string(result));
}

Result<std::unique_ptr<TlsContext>> TlsContext::make(const Access& access, const std::string& host) {
  std::unique_ptr<TlsContext> tls(new TlsContext());
  tls->context_ = SSL_CTX_new(TLS_client_method());
  tls->socket_method_ = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "ebb socket");
  if (tls->context_ == nullptr || tls->socket_method_ == nullptr) return fail(Errc::io, "TLS: {}", openssl_error("cannot start"));
  BIO_meth_set_write(tls->socket_method_, socket_write);
  BIO_meth_set_read(tls->socket_method_, socket_read);
  BIO_meth_set_ctrl(tls->socket_method_, socket_control);

  SSL_CTX_set_min_proto_version(tls->context_, TLS1_2_VERSION);
  SSL_CTX_set_mode(tls->context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  constexpr std::array<unsigned char, 9> kHttp11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(tls->context_, kHttp11.data(), kHttp11.size());

  tls->verify_ = !access.insecure_skip_tls_verify;
  tls->expected_name_ = access.tls_server_name.empty() ? host : access.tls_server_name;
  SSL_CTX_set_verify(tls->context_, tls->verify_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (tls->verify_ && access.ca_pem.empty()) {
    SSL_CTX_set_default_verify_paths(tls->context_);
  } else if (tls->verify_) {
    EBB_TRY_VOID(add_authorities(tls->context_, access.ca_pem));
  }
  if (!access.client_certificate_pem.empty()) {
    EBB_TRY_VOID(use_client_certificate(tls->context_, access.client_certificate_pem, access.client_key_pem));
  }
  return tls;
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
  BIO_meth_free(socket_method_);
}

Result<SslPtr> TlsContext::session(int socket) const {
  SslPtr ssl(SSL_new(context_));
  BIO* bio = ssl == nullptr ? nullptr : BIO_new(socket_method_);
  if (bio == nullptr) return fail(Errc::io, "TLS: {}", openssl_error("cannot start a session"));
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  SSL_set_connect_state(ssl.get());

  const bool ip = is_ip(expected_name_);
  if (!ip && SSL_set_tlsext_host_name(ssl.get(), expected_name_.c_str()) != 1)
    return fail(Errc::invalid, "TLS: {}", openssl_error("server name"));
  if (verify_) {
    X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl.get());
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const int set = ip ? X509_VERIFY_PARAM_set1_ip_asc(parameters, expected_name_.c_str())
                       : X509_VERIFY_PARAM_set1_host(parameters, expected_name_.c_str(), 0);
    if (set != 1) return fail(Errc::invalid, "TLS: '{}' is no name a certificate could hold", expected_name_);
  }
  return ssl;
}

}   // namespace ebb::kube
