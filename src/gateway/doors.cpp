#include "gateway/doors.hpp"

#include "gateway/api.hpp"

namespace salus::gateway {

void Doors::quick(std::string method, std::string pattern, std::string summary, Make make) const {
    router_.add({std::move(method), std::move(pattern), std::move(summary),
                 [&house = house_, make = std::move(make)](Request& request, Reply reply) {
                     answer(std::move(reply), [&] { return make(house, request); });
                 },
                 session_});
}

void Doors::slow(std::string method, std::string pattern, std::string summary, Make make) const {
    later(std::move(method), std::move(pattern), std::move(summary),
          [make = std::move(make)](House& house, const Request& request, Reply reply) {
              answer(std::move(reply), [&] { return make(house, request); });
          });
}

void Doors::later(std::string method, std::string pattern, std::string summary, Act act) const {
    router_.add({std::move(method), std::move(pattern), std::move(summary),
                 [&house = house_, act = std::move(act)](Request& request, Reply reply) {
                     on_workers(house, std::move(reply),
                                [&house, act, request = std::move(request)](Reply last) {
                                    act(house, request, std::move(last));
                                });
                 },
                 session_});
}

}  // namespace salus::gateway
