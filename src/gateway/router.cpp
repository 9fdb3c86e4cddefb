#include "gateway/router.hpp"

#include <map>

namespace salus::gateway {

namespace {

std::string_view next_segment(std::string_view& path) {
    path.remove_prefix(1);
    const std::size_t end = path.find('/');
    const std::string_view segment = path.substr(0, end);
    path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
    return segment;
}

bool matches(std::string_view pattern, std::string_view path,
             std::vector<std::string>& parameters) {
    parameters.clear();
    while (!pattern.empty() && !path.empty()) {
        if (pattern.front() != '/' || path.front() != '/') return false;
        const std::string_view wanted = next_segment(pattern);
        const std::string_view got = next_segment(path);
        if (wanted.starts_with('{')) {
            if (got.empty()) return false;
            parameters.emplace_back(got);
        } else if (wanted != got) {
            return false;
        }
    }
    return pattern.empty() && path.empty();
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return out;
}

json::Value operation_of(const Route& route) {
    json::Array parameters;
    std::string_view rest = route.pattern;
    while (!rest.empty()) {
        const std::string_view segment = next_segment(rest);
        if (segment.starts_with('{')) {
            parameters.push_back(json::Object{{"name", segment.substr(1, segment.size() - 2)},
                                              {"in", "path"},
                                              {"required", true},
                                              {"schema", json::Object{{"type", "string"}}}});
        }
    }
    json::Object operation{
        {"summary", route.summary},
        {"responses",
         json::Object{{"200", json::Object{{"description", "done"}}},
                      {"default", json::Object{{"description",
                                                "an error, as docs/formats/http-api.md says"}}}}}};
    if (!parameters.empty()) operation.emplace_back("parameters", std::move(parameters));
    if (route.session)
        operation.emplace_back("security", json::Array{json::Object{{"session", json::Array{}}}});
    return operation;
}

}  // namespace

void Router::add(Route route) {
    const std::size_t index = routes_.size();
    if (route.pattern.find('{') == std::string::npos) {
        literal_[route.pattern].push_back(index);
    } else {
        patterns_.push_back(index);
    }
    routes_.push_back(std::move(route));
}

bool Router::dispatch(Request& request, Reply& reply) const {
    std::string allowed;
    const std::string_view method =
        request.method == "HEAD" ? "GET" : std::string_view(request.method);
    const auto takes = [&](const Route& route) {
        if (route.method == method) return true;
        allowed += (allowed.empty() ? "" : ", ") + route.method;
        return false;
    };
    request.parameters.clear();
    if (const auto found = literal_.find(request.path); found != literal_.end()) {
        for (const std::size_t index : found->second) {
            if (!takes(routes_[index])) continue;
            routes_[index].handler(request, std::move(reply));
            return true;
        }
    }
    for (const std::size_t index : patterns_) {
        if (!matches(routes_[index].pattern, request.path, request.parameters)) continue;
        if (!takes(routes_[index])) continue;
        routes_[index].handler(request, std::move(reply));
        return true;
    }
    if (!allowed.empty()) {
        Response refused =
            Response::error({Errc::malformed, "this address does not take " + request.method});
        refused.status = 405;
        refused.headers.emplace_back("Allow", allowed);
        reply(std::move(refused));
        return true;
    }
    return false;
}

std::string Router::openapi() const {
    std::map<std::string, json::Object> paths;
    for (const Route& route : routes_) {
        paths[route.pattern].emplace_back(lower(route.method), operation_of(route));
    }
    json::Object all;
    for (auto& [path, operations] : paths) all.emplace_back(path, std::move(operations));
    const json::Object security{
        {"session", json::Object{{"type", "apiKey"}, {"in", "header"}, {"name", "Salus-Home"}}}};
    return json::write(
        json::Object{{"openapi", "3.0.3"},
                     {"info", json::Object{{"title", "Salus node"}, {"version", "1"}}},
                     {"paths", std::move(all)},
                     {"components", json::Object{{"securitySchemes", security}}}});
}

}  // namespace salus::gateway
