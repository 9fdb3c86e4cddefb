#include "gateway/http_server.hpp"
#include "gateway/portal.hpp"
#include "gateway/world.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/// The server itself, through a socket.

using namespace salus;
using namespace salus::gateway;
using namespace salus::gateway::test;

namespace {

using Clock = std::chrono::steady_clock;

class Socket {
  public:
    explicit Socket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval limit{10, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        REQUIRE(connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    }
    ~Socket() { ::close(fd_); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    void send(std::string_view text) {
        while (!text.empty()) {
            const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// More of the answer; false at its end.
    bool read_more() {
        char buffer[4096];
        const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
        if (got <= 0) return false;
        text_.append(buffer, static_cast<std::size_t>(got));
        return true;
    }
    std::string until(std::string_view mark) {
        while (text_.find(mark) == std::string::npos && read_more()) {
        }
        const std::size_t at = text_.find(mark);
        if (at == std::string::npos) return std::exchange(text_, {});
        std::string out = text_.substr(0, at + mark.size());
        text_.erase(0, out.size());
        return out;
    }
    std::string all() {
        while (read_more()) {
        }
        return std::exchange(text_, {});
    }
    /// One answer with a Content-Length; of a HEAD request, its header only.
    std::string answer(bool head = false) {
        std::string out = until("\r\n\r\n");
        const std::size_t at = out.find("Content-Length: ");
        if (head || at == std::string::npos) return out;
        const auto length = static_cast<std::size_t>(std::stoul(out.substr(at + 16)));
        while (text_.size() < length && read_more()) {
        }
        out += text_.substr(0, length);
        text_.erase(0, std::min(length, text_.size()));
        return out;
    }

  private:
    int fd_;
    std::string text_;
};

std::string get(std::string_view path) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

std::string post(std::string_view path, std::string_view type, std::string_view body) {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + std::string(type) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

/// A server over a handler that echoes what it understood.
struct Echo {
    explicit Echo(ServerOptions options = {}) {
        options.port = 0;
        options.body_bytes_max = 100'000;
        options.header_bytes_max = 4'096;
        auto started = HttpServer::start(options, [](Request& request, Reply reply) {
            reply(Response::text(request.method + " " + request.path + " ? " + request.query +
                                 " # " + std::to_string(request.body.size())));
        });
        REQUIRE(started.ok());
        server = std::move(*started);
    }
    ~Echo() { server->stop(); }
    std::string once(std::string_view request) {
        Socket socket(server->port());
        socket.send(request);
        return socket.answer();
    }
    std::unique_ptr<HttpServer> server;
};

/// The whole node behind a server, as salusd wires it.
struct Served {
    Served() {
        const TempDirectory portal_files;
        std::ofstream(portal_files.path + "/index.html") << "<html>portal</html>";
        std::ofstream(portal_files.path + "/app.js") << "let a = 1;";
        portal = std::make_unique<Portal>(Portal::load(machine_env(), portal_files.path).value());
        ServerOptions options;
        options.port = 0;
        auto started = HttpServer::start(options, [this](Request& request, Reply reply) {
            if (world.router->dispatch(request, reply)) return;
            if (request.path.starts_with("/api/"))
                return reply(Error{Errc::not_found, "no such address"});
            portal->serve(request, reply);
        });
        REQUIRE(started.ok());
        server = std::move(*started);
    }
    ~Served() {
        world.house->close();
        server->stop();
    }
    std::string once(std::string_view request) {
        Socket socket(server->port());
        socket.send(request);
        return socket.answer();
    }
    World world;
    std::unique_ptr<Portal> portal;
    std::unique_ptr<HttpServer> server;
};

}  // namespace

TEST_CASE("one connection carries many requests, also sent ahead") {
    Echo echo;
    Socket socket(echo.server->port());
    socket.send(get("/a"));
    CHECK(socket.answer().find("GET /a") != std::string::npos);
    socket.send(get("/b") + get("/c"));
    CHECK(socket.answer().find("GET /b") != std::string::npos);
    CHECK(socket.answer().find("GET /c") != std::string::npos);
    socket.send("GET /d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(socket.all().find("GET /d") != std::string::npos);
}

TEST_CASE("HEAD answers like GET, without the body") {
    Echo echo;
    Socket socket(echo.server->port());
    socket.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(socket.answer(true).find("Content-Length: 14\r\n") != std::string::npos);
    socket.send(get("/b"));
    CHECK(socket.answer().starts_with("HTTP/1.1 200"));
}

TEST_CASE("a path is percent-decoded, its query is not, and no path climbs") {
    Echo echo;
    CHECK(echo.once(get("/a%20b%2Fc?q=%41")).find("GET /a b/c ? q=%41") != std::string::npos);
    CHECK(echo.once(get("/100%25%zz%4")).find("GET /100%%zz%4 ?") != std::string::npos);
    CHECK(echo.once(get("/%+1")).find("GET /%+1 ?") != std::string::npos);
    for (const char* path : {"/../../etc/passwd", "/..", "/a/%2e%2e/b", "/a/..%2Fb/..", "/%00",
                             "/a%0Ab", "/%ff", "/a\\..\\b", "http://other/"}) {
        INFO(path);
        CHECK(echo.once(get(path)).starts_with("HTTP/1.1 400"));
    }
}

TEST_CASE("what is not HTTP is told so and does no harm") {
    Echo echo;
    for (const char* request :
         {"nonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
          "GET / HTTP/1.1\r\nx\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
          "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"}) {
        INFO(request);
        CHECK(echo.once(request).starts_with("HTTP/1.1 400"));
    }
    CHECK(echo.once(get("/")).starts_with("HTTP/1.1 200"));
}

TEST_CASE("a body has a limit by its type, and a header has one") {
    Echo echo;
    CHECK(echo.once(post("/", "application/cbor", std::string(99'999, 'a'))).find("# 99999") !=
          std::string::npos);
    CHECK(echo.once(post("/", "application/cbor", std::string(100'000, 'a'))).find("# 100000") !=
          std::string::npos);
    const std::string large = echo.once(post("/", "application/cbor", std::string(100'001, 'a')));
    CHECK(large.starts_with("HTTP/1.1 413"));
    CHECK(large.find("\"error\"") != std::string::npos);
    std::string chunked =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/cbor\r\n"
        "Transfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 11; ++i) chunked += "2710\r\n" + std::string(10'000, 'a') + "\r\n";
    CHECK(echo.once(chunked).starts_with("HTTP/1.1 413"));

    const auto with_header = [](std::size_t size) {
        return "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(size, 'x') + "\r\n\r\n";
    };
    CHECK(echo.once(with_header(3'900)).starts_with("HTTP/1.1 200"));
    CHECK(echo.once(with_header(5'000)).starts_with("HTTP/1.1 431"));
}

TEST_CASE("JSON is at most one mebibyte, to the byte") {
    Served served;
    const auto of_size = [](std::size_t size) {
        std::string body = R"({"name":"ada","x":")";
        body += std::string(size - body.size() - 2, 'x') + "\"}";
        return post("/api/prelogin", "application/json", body);
    };
    CHECK(served.once(of_size((1U << 20U) - 1)).starts_with("HTTP/1.1 200"));
    CHECK(served.once(of_size(1U << 20U)).starts_with("HTTP/1.1 200"));
    CHECK(served.once(of_size((1U << 20U) + 1)).starts_with("HTTP/1.1 413"));
}

TEST_CASE("a client that waits for leave to send a body gets it") {
    Echo echo;
    Socket socket(echo.server->port());
    socket.send(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/cbor\r\n"
        "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    CHECK(socket.until("\r\n\r\n").starts_with("HTTP/1.1 100"));
    socket.send("abc");
    CHECK(socket.answer().find("# 3") != std::string::npos);
    Socket greedy(echo.server->port());
    greedy.send(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/cbor\r\n"
        "Expect: 100-continue\r\nContent-Length: 300000\r\n\r\n");
    CHECK(greedy.answer().starts_with("HTTP/1.1 413"));
}

TEST_CASE("a slow client keeps nobody waiting") {
    ServerOptions options;
    options.threads = 1;
    Echo echo(options);
    std::vector<std::unique_ptr<Socket>> slow;
    for (int i = 0; i < 20; ++i) {
        slow.push_back(std::make_unique<Socket>(echo.server->port()));
        slow.back()->send(i % 2 == 0 ? "GET / HT"
                                     : "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\na");
    }
    const auto start = Clock::now();
    CHECK(echo.once(get("/")).starts_with("HTTP/1.1 200"));
    CHECK(Clock::now() - start < std::chrono::seconds(2));
}

TEST_CASE("connections above the limit are told to come back") {
    ServerOptions options;
    options.connections_max = 2;
    Echo echo(options);
    Socket first(echo.server->port());
    first.send(get("/"));
    CHECK(first.answer().starts_with("HTTP/1.1 200"));
    {
        Socket second(echo.server->port());
        second.send(get("/"));
        CHECK(second.answer().starts_with("HTTP/1.1 200"));
        Socket third(echo.server->port());
        CHECK(third.answer().starts_with("HTTP/1.1 503"));
    }
    CHECK(within(std::chrono::seconds(5),
                 [&] { return echo.once(get("/")).starts_with("HTTP/1.1 200"); }));
}

TEST_CASE("an address that other machines reach needs TLS") {
    ServerOptions options;
    options.port = 0;
    const auto start = [&] {
        return HttpServer::start(options,
                                 [](Request&, Reply reply) { reply(Response::text("x")); });
    };
    options.address = "0.0.0.0";
    CHECK(start().error().code == Errc::denied);
    options.address = "::";
    CHECK(start().error().code == Errc::denied);
    options.address = "localhost";
    CHECK(start().error().code == Errc::malformed);
    options.address = "127.0.0.1";
    options.tls_key = "/nothing";
    CHECK(start().error().code == Errc::malformed);
    options.tls_certificate = "/nothing";
    CHECK(start().error().code == Errc::unavailable);
}

TEST_CASE("a port that is taken is named") {
    Echo echo;
    ServerOptions options;
    options.port = echo.server->port();
    const auto second =
        HttpServer::start(options, [](Request&, Reply reply) { reply(Response::text("x")); });
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == Errc::unavailable);
    CHECK(second.error().detail.find(std::to_string(options.port)) != std::string::npos);
}

TEST_CASE("errors are JSON: an unknown address, and a known one with another verb") {
    Served served;
    const std::string unknown = served.once(get("/api/nothing"));
    CHECK(unknown.starts_with("HTTP/1.1 404"));
    CHECK(unknown.find("Content-Type: application/json\r\n") != std::string::npos);
    CHECK(unknown.find(R"("code":"not_found")") != std::string::npos);
    const std::string verb = served.once(post("/api/status", "application/json", "{}"));
    CHECK(verb.starts_with("HTTP/1.1 405"));
    CHECK(verb.find("Allow: GET\r\n") != std::string::npos);
    CHECK(served.once(post("/", "application/json", "{}")).starts_with("HTTP/1.1 405"));
    CHECK(served.once(get("/api/session")).starts_with("HTTP/1.1 401"));
}

TEST_CASE("every answer carries the headers that bind a browser") {
    Served served;
    for (const char* path : {"/", "/app.js", "/patient/records", "/api/status", "/api/nothing"}) {
        INFO(path);
        const std::string answer = served.once(get(path));
        for (const char* header :
             {"X-Content-Type-Options: nosniff\r\n", "Referrer-Policy: no-referrer\r\n",
              "Cross-Origin-Opener-Policy: same-origin\r\n", "frame-ancestors 'none'"})
            CHECK(answer.find(header) != std::string::npos);
    }
    CHECK(served.once(get("/patient/records")).find("<html>portal</html>") != std::string::npos);
    CHECK(served.once(get("/missing.js")).starts_with("HTTP/1.1 404"));
}

TEST_CASE("hostile JSON is refused and the node lives") {
    Served served;
    const auto send = [&](std::string_view body) {
        return served.once(post("/api/prelogin", "application/json", body));
    };
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
    CHECK(send(deep).starts_with("HTTP/1.1 400"));
    CHECK(send(std::string(100'000, '[')).starts_with("HTTP/1.1 400"));
    CHECK(send(R"({"name":"a","name":"b"})").starts_with("HTTP/1.1 400"));
    CHECK(send(R"({"name":1e400})").starts_with("HTTP/1.1 400"));
    CHECK(send("{\"name\":\"\xff\"}").starts_with("HTTP/1.1 400"));
    CHECK(send(R"({"name":"ada"})").starts_with("HTTP/1.1 200"));
}

TEST_CASE("a browser hears of a block within a second") {
    Served served;
    Socket listener(served.server->port());
    listener.send(get("/api/events"));
    CHECK(listener.until("\r\n\r\n").find("Content-Type: text/event-stream") != std::string::npos);
    for (int i = 0; i < 3; ++i) {
        const auto start = Clock::now();
        served.world.patient("ada" + std::to_string(i));
        CHECK(listener.until("event: block\n").find("event: block\n") != std::string::npos);
        CHECK(listener.until("\n\n").find("\"header_hash\"") != std::string::npos);
        CHECK(Clock::now() - start < std::chrono::seconds(5));
    }
    CHECK(served.once("HEAD /api/events HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 200"));
}

TEST_CASE("the OpenAPI page names every door, and the doors it names answer") {
    World world;
    const json::Value page = json::parse(world.router->openapi()).value();
    CHECK(json::need_text(page, "openapi").value() == "3.0.3");
    const json::Value* paths = page.find("paths");
    REQUIRE(paths != nullptr);
    for (const char* path :
         {"/healthz", "/metrics", "/api/status", "/api/block/{number}", "/api/tx/{id}/receipt",
          "/api/setup", "/api/signup", "/api/login", "/api/store", "/api/open", "/api/grants",
          "/api/revoke", "/api/offers/{record}", "/api/feed/{sequence}/proof", "/api/alerts/{id}",
          "/api/events", "/api/organisation/key", "/api/directory"}) {
        INFO(path);
        CHECK(paths->find(path) != nullptr);
    }
    for (const auto& [path, operations] : *paths->object()) {
        std::string address = path;
        if (const std::size_t open = address.find('{'); open != std::string::npos)
            address.replace(open, address.find('}') - open + 1, "0");
        for (const auto& [verb, operation] : *operations.object()) {
            INFO(address);
            CHECK_FALSE(json::need_text(operation, "summary").value().empty());
            if (operation.find("security") == nullptr) continue;
            std::string method = verb;
            for (char& c : method) c = static_cast<char>(c - 32);
            CHECK(world.dispatch(World::request(method, address)).status != 404);
        }
    }
}

TEST_CASE("without a session no door that needs one does anything") {
    World world;
    const json::Value page = json::parse(world.router->openapi()).value();
    for (const auto& [path, operations] : *page.find("paths")->object()) {
        std::string address = path;
        if (const std::size_t open = address.find('{'); open != std::string::npos)
            address.replace(open, address.find('}') - open + 1, "0");
        for (const auto& [verb, operation] : *operations.object()) {
            if (operation.find("security") == nullptr) continue;
            std::string method = verb;
            for (char& c : method) c = static_cast<char>(c - 32);
            const Answer answer = world.dispatch(World::request(method, address));
            INFO((method + " " + address));
            // Bodies are read before the caller is looked up where the body names the caller.
            CHECK((answer.status == 401 || answer.status == 400));
        }
    }
    CHECK(world.house->access_log->next_sequence() == 1);
}

TEST_CASE("metrics follow the text format of Prometheus") {
    World world;
    const Answer answer = world.get("/metrics");
    CHECK(answer.raw.content_type == "text/plain; version=0.0.4");
    std::istringstream lines{std::string(as_text(answer.raw.body))};
    std::string line;
    std::size_t samples = 0;
    while (std::getline(lines, line)) {
        INFO(line);
        if (line.starts_with("# HELP salus_") || line.starts_with("# TYPE salus_")) continue;
        const std::size_t space = line.find(' ');
        REQUIRE(space != std::string::npos);
        CHECK(line.starts_with("salus_"));
        CHECK(line.find_first_not_of("0123456789", space + 1) == std::string::npos);
        ++samples;
    }
    CHECK(samples >= 6);
    CHECK(as_text(answer.raw.body).find("salus_access_receipts_total 0\n") !=
          std::string_view::npos);
}

TEST_CASE("TLS serves with a certificate and key of one's own") {
    const TempDirectory files;
    const std::string make =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
        "-nodes -days 2 -subj /CN=localhost -keyout " +
        files.path + "/key.pem -out " + files.path + "/certificate.pem 2>/dev/null";
    if (std::system(make.c_str()) != 0) {
        MESSAGE("skipped: no openssl program here");
        return;
    }
    ServerOptions options;
    options.tls_certificate = files.path + "/certificate.pem";
    options.tls_key = files.path + "/key.pem";
    Echo echo(options);
    const auto ask = [&](const std::string& flags) {
        const std::string command =
            "printf 'GET /tls HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' | "
            "timeout 10 openssl s_client -quiet -ign_eof " +
            flags + " -connect 127.0.0.1:" + std::to_string(echo.server->port()) + " > " +
            files.path + "/out 2>/dev/null";
        if (std::system(command.c_str()) == -1) return std::string();
        std::ifstream in(files.path + "/out");
        return std::string((std::istreambuf_iterator<char>(in)), {});
    };
    CHECK(ask("-tls1_3").find("GET /tls") != std::string::npos);
    CHECK(ask("-tls1_2").find("GET /tls") != std::string::npos);
    CHECK(ask("-tls1_1 -cipher DEFAULT@SECLEVEL=0").find("GET /tls") == std::string::npos);
    CHECK(echo.once(get("/plain")).find("GET /plain") == std::string::npos);
}
