#pragma once

#include "client/home.hpp"

#include <functional>

namespace salus::command {

/// A table about to be sealed: record 0 is the data set's own, then one a row
/// (docs/formats/data-set-row.md).
struct RowSource {
    std::size_t count = 0;
    /// Bodies of [from, from + count). Called from several threads at once.
    std::function<Result<std::vector<std::string>>(std::size_t from, std::size_t count)> read;
};

struct StoredRows {
    ObjectId collection;
    std::size_t rows = 0;  ///< records, the data set's own included
    std::size_t envelopes = 0;
    double seconds = 0;
    ObjectId sample;          ///< one of the rows, to look at
    client::TxReceipt first;  ///< of the first envelope
};

struct RowStoreOptions {
    client::KnownCollection collection;  ///< id is drawn here
    std::string title;                   ///< of the progress line; empty: none is shown
};

/// Seals every row to a new collection of the account and stores it: sealing on every core,
/// envelopes as full as the ledger allows, two of them on their way at a time. Durable when it
/// returns. Errors: those of sealing and of the node; what was stored before an error stays.
Result<StoredRows> store_rows(Env& env, client::Home& home, const RowSource& rows,
                              RowStoreOptions options);

}  // namespace salus::command
