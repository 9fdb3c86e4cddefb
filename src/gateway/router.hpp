#pragma once

#include "gateway/http.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace salus::gateway {

/// One door: what it answers to, and the sentence that the OpenAPI page prints.
struct Route {
    std::string method;
    std::string pattern;  ///< "/api/tx/{id}/receipt": each {} is one path segment
    std::string summary;
    Handler handler;
    bool session = false;  ///< for the page: needs a signed-in caller
};

class Router {
  public:
    void add(Route route);
    /// Runs the route that fits, a literal path before one with {}; 404 without one, 405 when only
    /// the method differs. False: nothing under this path.
    bool dispatch(Request& request, Reply& reply) const;
    /// OpenAPI 3.0 of every route.
    [[nodiscard]] std::string openapi() const;
    [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }

  private:
    std::vector<Route> routes_;
    std::unordered_map<std::string, std::vector<std::size_t>> literal_;  ///< paths without {}
    std::vector<std::size_t> patterns_;
};

}  // namespace salus::gateway
