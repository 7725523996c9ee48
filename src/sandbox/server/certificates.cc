#include "sandbox/server/certificates.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

namespace ebb::sandbox {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO_free>>;

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr Duration kBackdated = hours(1);   // for clients whose clock is behind
constexpr Duration kAuthorityLifetime = hours(24 * 3650);
constexpr Duration kServerLifetime = hours(24 * 365);

std::unexpected<Error> library_error(std::string_view what) {
  const unsigned long code = ERR_get_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return fail(Errc::io, "{}: {}", what, reason == nullptr ? "the TLS library gave no reason" : reason);
}

Result<std::string> text_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  if (size <= 0) return library_error("writing PEM");
  return std::string(data, static_cast<std::size_t>(size));
}

Result<std::string> to_pem(X509* certificate) {
  const Memory memory(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(memory.get(), certificate) != 1) return library_error("writing a certificate");
  return text_of(memory.get());
}

Result<std::string> to_pem(EVP_PKEY* key) {
  const Memory memory(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) return library_error("writing a key");
  return text_of(memory.get());
}

Memory readable(const std::string& text) { return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

Status add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) return library_error("adding a certificate extension");
  return {};
}

void set_common_name(X509_NAME* name, const std::string& common_name) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
}

// A certificate with everything but extensions and signature.
Result<Certificate> start_certificate(EVP_PKEY* key, const std::string& common_name, Instant now, Duration lifetime) {
  Certificate certificate(X509_new());
  std::array<unsigned char, 16> serial{};
  if (!certificate || RAND_bytes(serial.data(), static_cast<int>(serial.size())) != 1) return library_error("making a certificate");
  serial[0] = static_cast<unsigned char>((serial[0] & 0x3f) | 0x40);   // positive, and never shorter
  const std::unique_ptr<BIGNUM, Freed<BN_free>> number(BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get()));
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), (now - kBackdated).v / kNanosPerSecond);
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), (now + lifetime).v / kNanosPerSecond);
  set_common_name(X509_get_subject_name(certificate.get()), common_name);
  if (X509_set_pubkey(certificate.get(), key) != 1) return library_error("making a certificate");
  return certificate;
}

}   // namespace

Result<CertificateAuthority> make_certificate_authority(Instant now) {
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return library_error("making a key");
  EBB_TRY(const Certificate certificate, start_certificate(key.get(), "ebb sandbox", now, kAuthorityLifetime));
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  EBB_TRY_VOID(add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE"));
  EBB_TRY_VOID(add_extension(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign,digitalSignature"));
  EBB_TRY_VOID(add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash"));
  if (X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) return library_error("signing the CA");
  EBB_TRY(auto certificate_text, to_pem(certificate.get()));
  EBB_TRY(auto key_text, to_pem(key.get()));
  return CertificateAuthority{.certificate = std::move(certificate_text), .key = std::move(key_text)};
}

Result<ServerCertificate> issue_server_certificate(const CertificateAuthority& authority, const std::vector<std::string>& addresses,
                                                   const std::vector<std::string>& names, Instant now) {
  const Certificate issuer(PEM_read_bio_X509(readable(authority.certificate).get(), nullptr, nullptr, nullptr));
  const Key issuer_key(PEM_read_bio_PrivateKey(readable(authority.key).get(), nullptr, nullptr, nullptr));
  if (!issuer || !issuer_key) {
    ERR_clear_error();
    return fail(Errc::invalid, "the certificate authority's certificate or key is damaged");
  }
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return library_error("making a key");
  EBB_TRY(const Certificate certificate, start_certificate(key.get(), "ebb sandbox API server", now, kServerLifetime));
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get()));
  std::string alternatives;
  for (const std::string& address : addresses) alternatives += fmt::format("{}IP:{}", alternatives.empty() ? "" : ",", address);
  for (const std::string& name : names) alternatives += fmt::format("{}DNS:{}", alternatives.empty() ? "" : ",", name);
  EBB_TRY_VOID(add_extension(certificate.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE"));
  EBB_TRY_VOID(add_extension(certificate.get(), issuer.get(), NID_key_usage, "critical,digitalSignature"));
  EBB_TRY_VOID(add_extension(certificate.get(), issuer.get(), NID_ext_key_usage, "serverAuth"));
  EBB_TRY_VOID(add_extension(certificate.get(), issuer.get(), NID_subject_alt_name, alternatives));
  EBB_TRY_VOID(add_extension(certificate.get(), issuer.get(), NID_authority_key_identifier, "keyid"));
  if (X509_sign(certificate.get(), issuer_key.get(), EVP_sha256()) == 0) return library_error("signing the server's certificate");
  EBB_TRY(auto certificate_text, to_pem(certificate.get()));
  EBB_TRY(auto key_text, to_pem(key.get()));
  return ServerCertificate{.certificate = std::move(certificate_text), .key = std::move(key_text)};
}

Result<std::string> make_token() {
  std::array<unsigned char, 32> bits{};
  if (RAND_bytes(bits.data(), static_cast<int>(bits.size())) != 1) return library_error("making a token");
  std::string token;
  for (const unsigned char byte : bits) token += fmt::format("{:02x}", byte);
  return token;
}

}   // namespace ebb::sandbox
