#include "contracts/vm_compiled.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <set>
#include <vector>

namespace salus::contracts {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << SALUS_RT_CHUNK_SHIFT;
/// A store is noted by its first byte and may reach this far into the next chunk.
constexpr std::size_t store_overhang = 7;

/// Function types of generated code live in process-wide tables that are filled once per contract.
void init_module_once(const salus_compiled& code) {
    static std::mutex mutex;
    static std::set<const salus_compiled*> known;
    const std::lock_guard<std::mutex> lock(mutex);
    if (known.insert(&code).second) {
        code.init_module();
    }
}

class CompiledInstance final : public EngineInstance {
  public:
    explicit CompiledInstance(const salus_compiled& code)
        : code_(code), bytes_(code.instance_bytes / sizeof(std::max_align_t) + 1) {
        host_.call = &CompiledInstance::from_generated_code;
        host_.frame = this;
        code_.instantiate(raw(), &host_);
        memory_ = code_.memory(raw());
        gas_ = code_.gas(raw());
        stack_ = code_.stack(raw());
        std::memset(memory_->dirty, 0, sizeof memory_->dirty);
        image_.assign(memory_->data, memory_->data + memory_->size);
        pristine_ = bytes_;
        pull();
    }
    ~CompiledInstance() override { code_.free_instance(raw()); }
    CompiledInstance(const CompiledInstance&) = delete;
    CompiledInstance& operator=(const CompiledInstance&) = delete;

    void attach(HostPort* port) { port_ = port; }

    Window& window() override { return window_; }

    bool enter(Export entry, std::uint32_t a, std::uint32_t b, std::uint64_t& result,
               std::string& trap) override {
        push();
        const int ended = code_.run(&code_, raw(), static_cast<salus_entry>(entry), a, b, &result);
        pull();
        if (ended != 0) {
            trap = "trap " + std::to_string(ended);
            return false;
        }
        return true;
    }

    /// As it was before the first run.
    void restore() {
        const std::size_t chunks = memory_->size / chunk_bytes;
        for (std::size_t at = 0; at < chunks; at += sizeof(std::uint64_t)) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, memory_->dirty + at, sizeof eight);
            if (eight == 0) {
                continue;
            }
            for (std::size_t chunk = at; chunk < at + sizeof(std::uint64_t); ++chunk) {
                if (memory_->dirty[chunk] != 0) {
                    restore_chunk(chunk);
                }
            }
            std::memset(memory_->dirty + at, 0, sizeof eight);
        }
        restore_struct();
        port_ = nullptr;
        pull();
    }

  private:
    void* raw() { return bytes_.data(); }

    /// All of it but the notes, which are most of it and clear already.
    void restore_struct() {
        auto* to = reinterpret_cast<std::uint8_t*>(bytes_.data());
        const auto* from = reinterpret_cast<const std::uint8_t*>(pristine_.data());
        const auto notes = static_cast<std::size_t>(memory_->dirty - to);
        const std::size_t behind = notes + sizeof memory_->dirty;
        std::memcpy(to, from, notes);
        std::memcpy(to + behind, from + behind, code_.instance_bytes - behind);
    }

    void restore_chunk(std::size_t chunk) {
        const std::size_t from = chunk * chunk_bytes;
        const std::size_t to =
            std::min<std::size_t>(from + chunk_bytes + store_overhang, memory_->size);
        const std::size_t in_image = std::clamp(image_.size(), from, to);
        if (in_image > from) {
            std::memcpy(memory_->data + from, image_.data() + from, in_image - from);
        }
        if (to > in_image) {
            std::memset(memory_->data + in_image, 0, to - in_image);
        }
    }
    void pull() {
        window_.memory = memory_->data;
        window_.memory_bytes = memory_->size;
        window_.gas = static_cast<std::int64_t>(*gas_);
        window_.stack = *stack_;
        window_.dirty = memory_->dirty;
    }
    void push() {
        *gas_ = static_cast<std::uint64_t>(window_.gas);
        *stack_ = window_.stack;
    }
    static int from_generated_code(void* frame, std::uint32_t import,
                                   const std::uint64_t* arguments, std::uint64_t* result) {
        auto& self = *static_cast<CompiledInstance*>(frame);
        self.pull();
        const bool go_on = self.port_->host_call(self.window_, import, arguments, *result);
        self.push();
        return go_on ? 0 : 1;
    }

    const salus_compiled& code_;
    std::vector<std::max_align_t> bytes_;  ///< the generated instance struct
    std::vector<std::max_align_t> pristine_;
    Bytes image_;  ///< memory at the start
    Z_salus_instance_t host_{};
    HostPort* port_ = nullptr;
    wasm_rt_memory_t* memory_ = nullptr;
    std::uint64_t* gas_ = nullptr;
    std::uint32_t* stack_ = nullptr;
    Window window_;
};

class CompiledCode final : public EngineCode {
  public:
    explicit CompiledCode(const salus_compiled& code) : code_(code) { init_module_once(code); }

    EngineInstance* begin(HostPort& host) override {
        if (free_.empty()) {
            all_.push_back(std::make_unique<CompiledInstance>(code_));
            free_.push_back(all_.back().get());
        }
        CompiledInstance* instance = free_.back();
        free_.pop_back();
        instance->attach(&host);
        return instance;
    }
    void end(EngineInstance* instance) noexcept override {
        auto* mine = static_cast<CompiledInstance*>(instance);
        mine->restore();
        free_.push_back(mine);
    }

  private:
    const salus_compiled& code_;
    std::vector<std::unique_ptr<CompiledInstance>> all_;
    std::vector<CompiledInstance*> free_;
};

}  // namespace

std::unique_ptr<EngineCode> compiled(const salus_compiled& code) {
    return std::make_unique<CompiledCode>(code);
}

}  // namespace salus::contracts
