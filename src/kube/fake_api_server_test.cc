#include "kube/fake_api_server.h"

#include "base/check.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>

namespace ebb::kube {
namespace {

std::string pem_text(const std::function<void(BIO*)>& write) {
  BIO* bio = BIO_new(BIO_s_mem());
  write(bio);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

std::string certificate_text(X509* certificate) {
  return pem_text([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  EBB_CHECK(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* new_certificate(EVP_PKEY* key, const char* common_name, long serial, bool expired) {
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
  X509_gmtime_adj(X509_getm_notAfter(certificate), expired ? -3600 : 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common_name),
                             -1, -1, 0);
  return certificate;
}

}   // namespace

TestAuthority::TestAuthority() : certificate_(nullptr), key_(EVP_EC_gen("P-256")) {
  certificate_ = new_certificate(key_, "test authority", 1, false);
  X509_set_issuer_name(certificate_, X509_get_subject_name(certificate_));
  add_extension(certificate_, certificate_, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(certificate_, key_, EVP_sha256());
  pem_ = certificate_text(certificate_);
}

TestAuthority::~TestAuthority() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

IssuedCertificate TestAuthority::issue(const std::string& names, bool expired) const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = new_certificate(key, "test", 2, expired);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate_));
  if (!names.empty()) add_extension(certificate, certificate_, NID_subject_alt_name, names);
  X509_sign(certificate, key_, EVP_sha256());
  IssuedCertificate issued{
      .certificate_pem = certificate_text(certificate),
      .key_pem = pem_text([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); })};
  X509_free(certificate);
  EVP_PKEY_free(key);
  return issued;
}

void Exchange::send(std::string_view bytes) {
  if (ssl_ != nullptr) {
    std::size_t written = 0;
    if (!bytes.empty()) SSL_write_ex(ssl_, bytes.data(), bytes.size(), &written);
    return;
  }
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Exchange::respond(int status, std::string_view json, std::string_view more_headers) {
  send(fmt::format("HTTP/1.1 {} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n{}", status, json.size(), more_headers,
                   json));
}

void Exchange::begin_stream() { send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"); }
void Exchange::chunk(std::string_view bytes) { send(fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes)); }
void Exchange::end_stream() { send("0\r\n\r\n"); }

void Exchange::wait_until_closed() {
  close_after = true;
  for (;;) {
    pollfd entry{.fd = socket_, .events = POLLIN | POLLRDHUP, .revents = 0};
    ::poll(&entry, 1, -1);
    std::array<char, 256> ignored{};
    if ((entry.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0 || ::recv(socket_, ignored.data(), ignored.size(), 0) <= 0) return;
  }
}

FakeApiServer::FakeApiServer(const Options& options, Answer answer) : options_(options), answer_(std::move(answer)) {
  std::signal(SIGPIPE, SIG_IGN);   // this server writes through OpenSSL's own socket BIO
  if (options.tls) {
    context_ = SSL_CTX_new(TLS_server_method());
    const IssuedCertificate issued = authority_.issue(options.names, options.expired);
    BIO* certificate = BIO_new_mem_buf(issued.certificate_pem.data(), static_cast<int>(issued.certificate_pem.size()));
    BIO* key = BIO_new_mem_buf(issued.key_pem.data(), static_cast<int>(issued.key_pem.size()));
    X509* leaf = PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr);
    EVP_PKEY* leaf_key = PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context_, leaf);
    SSL_CTX_use_PrivateKey(context_, leaf_key);
    BIO* root = BIO_new_mem_buf(authority_.pem().data(), static_cast<int>(authority_.pem().size()));
    X509* authority_certificate = PEM_read_bio_X509(root, nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), authority_certificate);
    if (options.asks_for_client_certificate) SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    X509_free(authority_certificate);
    X509_free(leaf);
    EVP_PKEY_free(leaf_key);
    for (BIO* bio : {certificate, key, root}) BIO_free(bio);
  }
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EBB_CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  EBB_CHECK(::listen(listener_, 64) == 0);
  socklen_t size = sizeof address;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { accept_loop(); });
}

FakeApiServer::~FakeApiServer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  drop_connections();
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
  SSL_CTX_free(context_);
}

std::string FakeApiServer::url(std::string_view host) const {
  return fmt::format("{}://{}:{}", options_.tls ? "https" : "http", host, port_);
}

void FakeApiServer::drop_connections() {
  const std::lock_guard lock(mutex_);
  for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
}

void FakeApiServer::accept_loop() {
  while (!stopping_) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const std::lock_guard lock(mutex_);
    open_.push_back(socket);
    threads_.emplace_back([this, socket, number = connections_++] { serve(socket, number); });
  }
}

bool FakeApiServer::read_request(Exchange& exchange, std::string& unread) {
  std::size_t needed = std::string::npos;
  for (;;) {
    const std::size_t head_end = unread.find("\r\n\r\n");
    if (head_end != std::string::npos && needed == std::string::npos) {
      std::size_t line_start = unread.find("\r\n") + 2;
      const std::string first = unread.substr(0, line_start - 2);
      exchange.method = first.substr(0, first.find(' '));
      exchange.target = first.substr(first.find(' ') + 1, first.rfind(' ') - first.find(' ') - 1);
      while (line_start < head_end) {
        const std::size_t line_end = unread.find("\r\n", line_start);
        const std::size_t colon = unread.find(':', line_start);
        std::string name = unread.substr(line_start, colon - line_start);
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        exchange.headers[name] = unread.substr(colon + 2, line_end - colon - 2);
        line_start = line_end + 2;
      }
      needed = head_end + 4 + (exchange.headers.contains("content-length") ? std::stoul(exchange.headers["content-length"]) : 0);
    }
    if (needed != std::string::npos && unread.size() >= needed) {
      exchange.body = unread.substr(head_end + 4, needed - head_end - 4);
      unread.erase(0, needed);
      return true;
    }
    std::array<char, 4096> buffer;
    std::size_t got = 0;
    if (exchange.ssl_ != nullptr) {
      if (SSL_read_ex(exchange.ssl_, buffer.data(), buffer.size(), &got) != 1) return false;
    } else {
      const auto received = ::recv(exchange.socket_, buffer.data(), buffer.size(), 0);
      if (received <= 0) return false;
      got = static_cast<std::size_t>(received);
    }
    unread.append(buffer.data(), got);
  }
}

void FakeApiServer::serve(int socket, int number) {
  SSL* ssl = nullptr;
  bool good = true;
  if (context_ != nullptr) {
    ssl = SSL_new(context_);
    SSL_set_fd(ssl, socket);
    good = SSL_accept(ssl) == 1;
  }
  std::string unread;
  while (good && !stopping_) {
    Exchange exchange;
    exchange.connection = number;
    exchange.ssl_ = ssl;
    exchange.socket_ = socket;
    if (!read_request(exchange, unread)) break;
    answer_(exchange);
    if (exchange.close_after) break;
  }
  if (ssl != nullptr && good) SSL_shutdown(ssl);
  SSL_free(ssl);
  const std::lock_guard lock(mutex_);
  std::erase(open_, socket);
  ::close(socket);
}

}   // namespace ebb::kube
