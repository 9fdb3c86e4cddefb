#include "row_store.hpp"

#include "client/transactions.hpp"

#include "command.hpp"
#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <thread>

namespace salus::command {
namespace {

using client::SealedItem;

constexpr std::size_t rows_per_batch = 250;
constexpr std::size_t batches_waiting_max = 16;
constexpr std::size_t senders = 2;

/// Work in flight, shared by the threads that seal and those that send.
class Pipeline {
  public:
    Pipeline(Env& env, const client::Home& home, const RowSource& rows, client::CollectionFacts to)
        : env_(env), author_(home.author()), rows_(rows), to_(std::move(to)) {}

    /// One thread's sealing, until no row is left.
    void seal_loop() {
        for (std::size_t from = 0; take(from);) {
            Result<std::vector<SealedItem>> sealed = seal_batch(from);
            std::unique_lock lock(mutex_);
            if (!sealed.ok()) {
                stop_with(sealed.error());
                break;
            }
            room_.wait(lock, [&] { return batches_.size() < batches_waiting_max || error_; });
            batches_.push_back(std::move(*sealed));
            more_.notify_one();
        }
        const std::lock_guard lock(mutex_);
        --sealing_;
        more_.notify_all();
    }

    /// The next sealed rows, or none when all are taken.
    std::optional<std::vector<SealedItem>> next() {
        std::unique_lock lock(mutex_);
        more_.wait(lock, [&] { return !batches_.empty() || sealing_ == 0 || error_; });
        if (error_ || batches_.empty()) return std::nullopt;
        std::vector<SealedItem> out = std::move(batches_.front());
        batches_.pop_front();
        room_.notify_all();
        return out;
    }

    void stop(const Error& error) {
        const std::lock_guard lock(mutex_);
        stop_with(error);
    }
    void sealers(std::size_t count) { sealing_ = count; }
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    [[nodiscard]] const client::Author& author() const { return author_; }

  private:
    bool take(std::size_t& from) {
        const std::lock_guard lock(mutex_);
        if (error_ || next_row_ >= rows_.count) return false;
        from = next_row_;
        next_row_ += rows_per_batch;
        return true;
    }
    Result<std::vector<SealedItem>> seal_batch(std::size_t from) {
        const std::size_t count = std::min(rows_per_batch, rows_.count - from);
        const std::vector<std::string> bodies = SALUS_TRY(rows_.read(from, count));
        std::vector<SealedItem> out;
        out.reserve(bodies.size());
        for (const std::string& body : bodies) {
            out.push_back(SALUS_TRY(client::seal_item(env_, author_, to_, as_bytes(body))));
        }
        return out;
    }
    void stop_with(const Error& error) {
        if (!error_) error_ = error;
        more_.notify_all();
        room_.notify_all();
    }

    Env& env_;
    client::Author author_;
    const RowSource& rows_;
    client::CollectionFacts to_;
    std::mutex mutex_;
    std::condition_variable more_, room_;
    std::deque<std::vector<SealedItem>> batches_;
    std::size_t next_row_ = 0;
    std::size_t sealing_ = 0;
    std::optional<Error> error_;
};

/// What became durable, and the line that says so.
class Progress {
  public:
    Progress(Env& env, std::string title, std::size_t total)
        : env_(env),
          title_(std::move(title)),
          total_(total),
          began_ns_(env.steady_ns()),
          shown_ns_(began_ns_) {}

    void stored(std::size_t rows, const client::TxReceipt& receipt, const ObjectId& record) {
        const std::lock_guard lock(mutex_);
        if (result.envelopes++ == 0) {
            result.first = receipt;
            result.sample = record;
        }
        result.rows += rows;
        const std::int64_t now = env_.steady_ns();
        if (title_.empty() || now - shown_ns_ < 1'000'000'000) return;
        shown_ns_ = now;
        const double rate =
            static_cast<double>(result.rows) * 1e9 / static_cast<double>(now - began_ns_);
        char line[128];
        std::snprintf(line, sizeof line, "  %s: %zu of %zu rows stored, %.0f rows/s",
                      title_.c_str(), result.rows, total_, rate);
        note(line);
    }
    StoredRows finish() {
        result.seconds = static_cast<double>(env_.steady_ns() - began_ns_) / 1e9;
        return result;
    }

  private:
    Env& env_;
    std::string title_;
    std::size_t total_;
    std::int64_t began_ns_, shown_ns_;
    std::mutex mutex_;
    StoredRows result;
};

/// One connection that fills envelopes and posts them.
class Sender {
  public:
    Sender(Env& env, client::Home& home, Pipeline& pipeline, Progress& progress)
        : env_(env),
          home_(home),
          pipeline_(pipeline),
          progress_(progress),
          api_(client::HttpClient(home.api().http().address())),
          packer_(home.chain_id().size()) {
        for (const auto& [name, value] : home.api().http().cookies())
            api_.http().set_cookie(name, value);
    }

    void loop() {
        while (auto batch = pipeline_.next()) {
            for (SealedItem& item : *batch) {
                if (const Status added = add(std::move(item)); !added.ok())
                    return pipeline_.stop(added.error());
            }
        }
        if (const Status last = flush(); !last.ok()) pipeline_.stop(last.error());
    }

  private:
    Status add(SealedItem item) {
        const std::size_t bytes = SALUS_TRY(client::operation_bytes(item.put));
        if (!packer_.fits(bytes)) SALUS_TRY(flush());
        packer_.add(bytes);
        items_.push_back(std::move(item));
        return done;
    }
    Status flush() {
        if (items_.empty()) return done;
        std::vector<ledger::Operation> operations;
        operations.reserve(items_.size());
        for (const SealedItem& item : items_) operations.push_back(item.put);
        const Bytes transaction =
            SALUS_TRY(client::sign(env_, home_.keys(), home_.occasion(), std::move(operations)));
        const json::Value answer = SALUS_TRY(
            api_.post_cbor("/api/store", client::store_body(transaction, items_), home_.name()));
        const client::TxReceipt receipt = SALUS_TRY(client::read_receipt(answer));
        SALUS_TRY(client::check_done(receipt));
        progress_.stored(items_.size(), receipt, items_.back().record);
        items_.clear();
        packer_.clear();
        return done;
    }

    Env& env_;
    client::Home& home_;
    Pipeline& pipeline_;
    Progress& progress_;
    client::Api api_;
    client::EnvelopePacker packer_;
    std::vector<SealedItem> items_;
};

}  // namespace

Result<StoredRows> store_rows(Env& env, client::Home& home, const RowSource& rows,
                              RowStoreOptions options) {
    client::KnownCollection& collection = options.collection;
    collection.id = random_bytes<ObjectId>(env);
    collection.created = home.now();
    ledger::Operation begin = SALUS_TRY(home.begin_collection(collection));
    Progress progress(env, std::move(options.title), rows.count);
    const client::TxReceipt begun = SALUS_TRY(home.store({std::move(begin)}, {}));
    static_cast<void>(begun);

    Pipeline pipeline(env, home, rows, home.own_collection(collection.id, collection.category, 1));
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    const std::size_t batches = (rows.count + rows_per_batch - 1) / rows_per_batch;
    const std::size_t sealers = std::clamp<std::size_t>(batches, 1, cores);
    pipeline.sealers(sealers);
    std::vector<std::unique_ptr<Sender>> posts;
    for (std::size_t i = 0; i < std::min(senders, sealers); ++i) {
        posts.push_back(std::make_unique<Sender>(env, home, pipeline, progress));
    }
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < sealers; ++i) threads.emplace_back([&] { pipeline.seal_loop(); });
    for (auto& post : posts) threads.emplace_back([&] { post->loop(); });
    for (std::thread& thread : threads) thread.join();
    if (pipeline.error()) return *pipeline.error();
    StoredRows out = progress.finish();
    out.collection = collection.id;
    return out;
}

}  // namespace salus::command
