#pragma once

#include "chain/node.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace salus {

/// Collects what the other members signed of the newest block, so that a checkpoint of this node
/// carries the signatures of more than 2/3 of them: then a receipt from here is final for whoever
/// trusts the members. Asks nothing while no block comes.
class MemberSignatures {
  public:
    /// `urls`: where the other members serve. Empty: nothing is done.
    MemberSignatures(Env& env, chain::Node& node, std::vector<std::string> urls);
    ~MemberSignatures();
    MemberSignatures(const MemberSignatures&) = delete;
    MemberSignatures& operator=(const MemberSignatures&) = delete;

  private:
    void loop();
    bool pause(int ms);
    bool ask(const std::string& url, BlockHeight height);

    Env& env_;
    chain::Node& node_;
    std::vector<std::string> urls_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace salus
