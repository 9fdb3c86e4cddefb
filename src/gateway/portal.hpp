#pragma once

#include "base/env.hpp"
#include "gateway/http.hpp"

#include <map>
#include <string>
#include <vector>

namespace salus::gateway {

/// The built portal, held in memory: every file of a directory, and index.html for the addresses of
/// its pages. Answers carry the content security policy of docs/operations.md.
class Portal {
  public:
    /// Errors: unavailable — a file cannot be read; an empty directory name serves a short page
    /// instead.
    static Result<Portal> load(Env& env, const std::string& directory);
    void serve(const Request& request, Reply& reply) const;

  private:
    struct Asset {
        std::string type;
        Bytes bytes;
        bool immutable = false;
    };
    static Status read_directory(Env& env, const std::string& root, const std::string& below,
                                 Portal& out);
    std::map<std::string, Asset, std::less<>> files_;
};

/// Adds the header lines that every answer of the node carries; `given` may say two of them itself.
void add_binding_headers(std::string& out, const std::vector<Header>& given);

}  // namespace salus::gateway
