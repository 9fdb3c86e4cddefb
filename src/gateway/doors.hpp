#pragma once

#include "gateway/house.hpp"
#include "gateway/router.hpp"

#include <functional>
#include <string>

namespace salus::gateway {

/// How a group of doors is put on the router: a line each, with the function that answers.
class Doors {
  public:
    using Make = std::function<Result<Response>(House&, const Request&)>;
    using Act = std::function<void(House&, const Request&, Reply)>;

    /// `session`: the OpenAPI page says that a signed-in caller is needed; the functions check it.
    Doors(Router& router, House& house, bool session)
        : router_(router), house_(house), session_(session) {}

    /// Answered on the connection's thread: for what takes microseconds.
    void quick(std::string method, std::string pattern, std::string summary, Make make) const;
    /// Answered on the workers: for what waits for a block or a disk, or stretches a password.
    void slow(std::string method, std::string pattern, std::string summary, Make make) const;
    /// On the workers too, by a function that keeps the reply for later.
    void later(std::string method, std::string pattern, std::string summary, Act act) const;

  private:
    Router& router_;
    House& house_;
    bool session_;
};

}  // namespace salus::gateway
