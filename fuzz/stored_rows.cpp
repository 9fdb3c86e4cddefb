/// What a node keeps in its own files: access receipts, accounts, alerts, whereabouts of the view.

#include "chain/genesis_state.hpp"
#include "chain/view.hpp"
#include "identity/account.hpp"
#include "sentinel/events.hpp"
#include "support/laws.hpp"
#include "vault/access_log.hpp"

using namespace salus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    fuzz::check_codec(
        input, [](ByteView b) { return vault::decode_access_receipt(b); },
        [](const vault::AccessReceipt& receipt) { return vault::encode(receipt); });
    fuzz::check_codec(
        input, [](ByteView b) { return identity::decode_user_account(b); },
        [](const identity::UserAccount& account) { return identity::encode(account); });
    fuzz::check_codec(
        input, [](ByteView b) { return sentinel::decode_alert(b); },
        [](const sentinel::Alert& alert) { return sentinel::encode(alert); });
    fuzz::check_codec(
        input, [](ByteView b) { return sentinel::decode_context(b); },
        [](const sentinel::Context& context) { return sentinel::encode(context); });
    fuzz::check_codec(
        input, [](ByteView b) { return chain::decode_view_head(b); }, chain::encode_view_head);
    fuzz::check_codec(
        input, [](ByteView b) { return chain::decode_active_contract(b); },
        chain::encode_active_contract);
    return 0;
}
