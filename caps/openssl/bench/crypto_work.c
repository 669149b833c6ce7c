/* Does what `crypto` asks for, over native OpenSSL.

   Prints the rows that there are, as JSON; then reads names of rows and prints for each the seconds
   of one operation. The rows are those of crypto_work.py. */
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MIB = 1 << 20, RECORD = 1 << 14, MESSAGE = 64 };

static unsigned char data[MIB], out[MIB + 64];

static void need(int good, const char* what) {
  if (good) return;
  fprintf(stderr, "crypto_work: %s failed\n", what);
  exit(1);
}
#define NEED(x) need((x) > 0, #x)
#define NEED_POINTER(x) need((x) != NULL, #x)

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

/* Digests and ciphers */

static void hash(const char* name) {
  EVP_MD* md = EVP_MD_fetch(NULL, name, NULL);
  NEED(EVP_Digest(data, MIB, out, NULL, md, NULL));
  EVP_MD_free(md);
}
static void sha256(void) {
  hash("SHA256");
}
static void sha512(void) {
  hash("SHA512");
}
static void sha3_256(void) {
  hash("SHA3-256");
}

static void seal(const char* name, int size) {
  static EVP_CIPHER_CTX* contexts[2];
  EVP_CIPHER_CTX** context = &contexts[name[0] == 'A'];
  unsigned char nonce[12] = {0};
  int length = 0;
  if (*context == NULL) {
    EVP_CIPHER* cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    NEED_POINTER(*context = EVP_CIPHER_CTX_new());
    NEED(EVP_EncryptInit_ex2(*context, cipher, data, nonce, NULL));
  }
  NEED(EVP_EncryptInit_ex2(*context, NULL, NULL, nonce, NULL));
  NEED(EVP_EncryptUpdate(*context, out, &length, data, size));
  NEED(EVP_EncryptFinal_ex(*context, out + length, &length));
  NEED(EVP_CIPHER_CTX_ctrl(*context, EVP_CTRL_AEAD_GET_TAG, 16, out + size));
}
static void gcm(void) {
  seal("AES-256-GCM", MIB);
}
static void gcm_record(void) {
  seal("AES-256-GCM", RECORD);
}
static void chacha(void) {
  seal("ChaCha20-Poly1305", MIB);
}

/* Keys */

enum { ED25519, P256, RSA_2048, KEYS };
static EVP_PKEY *keys[KEYS], *x25519, *ml_kem;
static const char* const digests[KEYS] = {NULL, "SHA256", "SHA256"};
static unsigned char signatures[KEYS][512], encapsulated[4096];
static size_t lengths[KEYS], encapsulated_length = sizeof(encapsulated);

static void sign(int key) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  lengths[key] = sizeof(signatures[key]);
  NEED(EVP_DigestSignInit_ex(context, NULL, digests[key], NULL, NULL, keys[key], NULL));
  NEED(EVP_DigestSign(context, signatures[key], &lengths[key], data, MESSAGE));
  EVP_MD_CTX_free(context);
}
static void verify(int key) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  NEED(EVP_DigestVerifyInit_ex(context, NULL, digests[key], NULL, NULL, keys[key], NULL));
  NEED(EVP_DigestVerify(context, signatures[key], lengths[key], data, MESSAGE));
  EVP_MD_CTX_free(context);
}
static void ed25519_sign(void) {
  sign(ED25519);
}
static void ed25519_verify(void) {
  verify(ED25519);
}
static void p256_sign(void) {
  sign(P256);
}
static void p256_verify(void) {
  verify(P256);
}
static void rsa_sign(void) {
  sign(RSA_2048);
}
static void rsa_verify(void) {
  verify(RSA_2048);
}

static void derive(void) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(x25519, NULL);
  size_t length = 32;
  NEED(EVP_PKEY_derive_init(context));
  NEED(EVP_PKEY_derive_set_peer(context, x25519));
  NEED(EVP_PKEY_derive(context, out, &length));
  EVP_PKEY_CTX_free(context);
}

static void decapsulate(void) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(ml_kem, NULL);
  size_t length = 32;
  NEED(EVP_PKEY_decapsulate_init(context, NULL));
  NEED(EVP_PKEY_decapsulate(context, out, &length, encapsulated, encapsulated_length));
  EVP_PKEY_CTX_free(context);
}

static void make_keys(void) {
  keys[ED25519] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
  keys[P256] = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
  keys[RSA_2048] = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
  x25519 = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
  ml_kem = EVP_PKEY_Q_keygen(NULL, NULL, "ML-KEM-768");
  for (int i = 0; i < KEYS; i++) sign(i);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(ml_kem, NULL);
  size_t length = 32;
  NEED(EVP_PKEY_encapsulate_init(context, NULL));
  NEED(EVP_PKEY_encapsulate(context, encapsulated, &encapsulated_length, out, &length));
  EVP_PKEY_CTX_free(context);
}

/* TLS: both ends in this process, with a certificate for P-256 that signed itself */

static SSL_CTX *server_context, *client_context;

static X509* certificate(EVP_PKEY* key) {
  X509* made = X509_new();
  X509_set_version(made, X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(made), 0);
  X509_gmtime_adj(X509_getm_notAfter(made), 86400);
  X509_set_pubkey(made, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                             (const unsigned char*)"localhost", -1, -1, 0);
  X509_set_issuer_name(made, X509_get_subject_name(made));
  NEED(X509_sign(made, key, EVP_sha256()));
  return made;
}

static void make_contexts(void) {
  X509* own = certificate(keys[P256]);
  server_context = SSL_CTX_new(TLS_server_method());
  client_context = SSL_CTX_new(TLS_client_method());
  NEED(SSL_CTX_use_certificate(server_context, own));
  NEED(SSL_CTX_use_PrivateKey(server_context, keys[P256]));
  SSL_CTX_set_verify(client_context, SSL_VERIFY_PEER, NULL);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(client_context), own);
}

typedef struct {
  SSL *server, *client;
} Pair;

static SSL* end(SSL_CTX* context) {
  SSL* made = SSL_new(context);
  SSL_set_bio(made, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  return made;
}

static void move(SSL* from, SSL* to) {
  char* bytes;
  long size = BIO_get_mem_data(SSL_get_wbio(from), &bytes);
  if (size > 0) NEED(BIO_write(SSL_get_rbio(to), bytes, size));
  BIO_reset(SSL_get_wbio(from));
}

static Pair connect_pair(void) {
  Pair pair = {end(server_context), end(client_context)};
  SSL_set_accept_state(pair.server);
  SSL_set_connect_state(pair.client);
  for (int i = 0;
       i < 4 && !(SSL_is_init_finished(pair.server) && SSL_is_init_finished(pair.client)); i++) {
    SSL_do_handshake(pair.client);
    move(pair.client, pair.server);
    SSL_do_handshake(pair.server);
    move(pair.server, pair.client);
  }
  NEED(SSL_is_init_finished(pair.server) && SSL_is_init_finished(pair.client));
  return pair;
}

static void handshake(void) {
  Pair pair = connect_pair();
  SSL_free(pair.server);
  SSL_free(pair.client);
}

/* One way, one end */
static void write_only(void) {
  static Pair pair;
  if (pair.server == NULL) pair = connect_pair();
  NEED(SSL_write(pair.client, data, MIB));
  BIO_reset(SSL_get_wbio(pair.client));
}

static void write_and_read(void) {
  static Pair pair;
  if (pair.server == NULL) pair = connect_pair();
  NEED(SSL_write(pair.client, data, MIB));
  move(pair.client, pair.server);
  for (int got = 0; got < MIB;) {
    int size = SSL_read(pair.server, out + got, MIB - got);
    NEED(size);
    got += size;
  }
}

static const struct {
  const char* name;
  void (*work)(void);
} rows[] = {
    {"sha256, 1 MiB", sha256},
    {"sha512, 1 MiB", sha512},
    {"sha3-256, 1 MiB", sha3_256},
    {"aes-256-gcm, 1 MiB", gcm},
    {"aes-256-gcm, 16 KiB", gcm_record},
    {"chacha20-poly1305, 1 MiB", chacha},
    {"ed25519 sign", ed25519_sign},
    {"ed25519 verify", ed25519_verify},
    {"x25519 derive", derive},
    {"p-256 sign", p256_sign},
    {"p-256 verify", p256_verify},
    {"rsa-2048 sign", rsa_sign},
    {"rsa-2048 verify", rsa_verify},
    {"ml-kem-768 decapsulate", decapsulate},
    {"tls 1.3 handshake", handshake},
    {"tls write, 1 MiB", write_only},
    {"tls write and read, 1 MiB", write_and_read},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]), LEAST_MICROSECONDS = 2000 };

/* Seconds of one operation: the mean of as many as take some milliseconds. */
static double timed(void (*work)(void)) {
  double start = now(), taken;
  int count = 0;
  do {
    work();
    count++;
    taken = now() - start;
  } while (taken * 1e6 < LEAST_MICROSECONDS);
  return taken / count;
}

int main(void) {
  char line[64];
  for (int i = 0; i < MIB; i++) data[i] = i * 7;
  make_keys();
  make_contexts();
  printf("[");
  for (int i = 0; i < ROWS; i++) printf("%s\"%s\"", i ? ", " : "", rows[i].name);
  printf("]\n");
  fflush(stdout);
  while (fgets(line, sizeof(line), stdin)) {
    line[strcspn(line, "\n")] = 0;
    for (int i = 0; i < ROWS; i++)
      if (strcmp(line, rows[i].name) == 0) printf("%.9f\n", timed(rows[i].work));
    fflush(stdout);
  }
}
