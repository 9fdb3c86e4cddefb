#include "gateway/open_request.hpp"
#include "gateway/world.hpp"
#include "ledger/cose_sign.hpp"

/// Storing, opening, sharing and erasing, and what is written down before anything leaves.

using namespace salus;
using namespace salus::gateway;
using namespace salus::gateway::test;

namespace {

std::size_t blobs_in(World& world) {
    return world.house->blobs->list(Digest{}, 1'000).value().size();
}

/// The node's receipts as somebody finds them who pulls the plug now and reads the disk.
std::uint64_t receipts_on_disk(World& world) {
    const TempDirectory copy;
    std::filesystem::copy(world.directory.path + "/vault/access", copy.path + "/access",
                          std::filesystem::copy_options::recursive);
    const auto index = store::memory_kv();
    return vault::AccessLog::open(machine_env(), copy.path + "/access", *index)
               .value()
               ->next_sequence() -
           1;
}

}  // namespace

TEST_CASE("an owner stores a record and reads it back") {
    World world;
    const Person ada = world.patient("ada");
    const Kept kept = world.keep(ada, "blood pressure 120/80");
    const Answer answer = world.ask(ada, ada.id(), {kept.item.record}, "PATRQT");
    REQUIRE(answer.status == 200);
    const auto key = ada.account.keys.collection(kept.collection, 1).private_half;
    CHECK(world.open_text(ada, kept, answer, key) == "blood pressure 120/80");
    CHECK_FALSE(files_hold(world.directory.path, as_bytes("blood pressure")));

    const Answer sealed = world.get("/api/sealed/" + hex(kept.item.record), &ada);
    CHECK(sealed.raw.body == kept.item.body);
    CHECK(sealed.header("Content-Security-Policy") == "sandbox");
    const Answer list = world.get("/api/records?collection=" + hex(kept.collection), &ada);
    CHECK(json::need_array(list.json, "records").value()->size() == 1);
}

TEST_CASE("a body that is not the one its operation names is refused, and nothing is kept") {
    World world;
    const Person ada = world.patient("ada");
    const ObjectId collection = random_bytes<ObjectId>(world.env);
    client::SealedItem item = world.seal(ada, world.facts(ada, collection), "note");
    const auto send = [&](const std::vector<client::SealedItem>& items) {
        const Bytes tx = world.signed_by(ada, {world.new_collection(ada, collection), item.put});
        return world.post_bytes("/api/store", client::store_body(tx, items), &ada).status;
    };
    client::SealedItem changed = item;
    changed.body.back() ^= 1;
    CHECK(send({changed}) == 422);
    changed.body.pop_back();
    CHECK(send({changed}) == 422);
    CHECK(send({}) == 400);
    CHECK(send({item, item}) == 400);
    client::SealedItem renamed = item;
    renamed.record = random_bytes<ObjectId>(world.env);
    CHECK(send({renamed}) == 400);
    CHECK(blobs_in(world) == 0);
    CHECK_FALSE(world.house->records->record(item.record).ok());
    CHECK(world.get("/api/records?collection=" + hex(collection), &ada).status == 404);
    CHECK(send({item}) == 200);
}

TEST_CASE("a stored transaction does not count twice, and its second coming takes nothing away") {
    World world;
    const Person ada = world.patient("ada");
    const ObjectId collection = random_bytes<ObjectId>(world.env);
    const client::SealedItem item = world.seal(ada, world.facts(ada, collection), "note");
    const Bytes body = client::store_body(
        world.signed_by(ada, {world.new_collection(ada, collection), item.put}), {item});
    CHECK(world.post_bytes("/api/store", body, &ada).status == 200);
    const std::uint64_t height = world.node->status().head.height.value;
    const Answer again = world.post_bytes("/api/store", body, &ada);
    CHECK((again.status == 200 || again.status == 409));
    CHECK(world.node->status().head.height.value == height);
    // Another transaction with the same record: the contract refuses, the record stays.
    CHECK(json::need_uint(world.store(ada, {}, {item}).json, "code").value() == 103);
    CHECK(world.ask(ada, ada.id(), {item.record}, "PATRQT").status == 200);
}

TEST_CASE("a refused store takes nothing away that was there before it") {
    World world;
    const Person ada = world.patient("ada");
    const Person eve = world.patient("eve");
    const Kept kept = world.keep(ada, "note");
    // Eve has the ciphertext and names Ada's record and collection, where she may write nothing.
    CHECK(world.store(eve, {}, {kept.item}).status == 200);
    CHECK(world.ask(ada, ada.id(), {kept.item.record}, "PATRQT").status == 200);
    // She stores the same ciphertext as a record of her own, and erases that.
    client::SealedItem copy = kept.item;
    const ObjectId own = random_bytes<ObjectId>(world.env);
    copy.record = random_bytes<ObjectId>(world.env);
    copy.put = client::operation::record_put(copy.record, own, 1, Digest{}, *kept.item.put.payload);
    CHECK(json::need_uint(world.store(eve, {world.new_collection(eve, own)}, {copy}).json, "code")
              .value() == 0);
    const Bytes erase =
        world.signed_by(eve, {client::operation::record_erase(std::vector{copy.record}, {})});
    CHECK(world.post_bytes("/api/tx", erase, nullptr).status == 200);
    CHECK(within(std::chrono::seconds(10),
                 [&] { return !world.house->records->record(copy.record).ok(); }));
    CHECK(world.ask(ada, ada.id(), {kept.item.record}, "PATRQT").status == 200);
}

TEST_CASE("what was stored for a refused operation is taken away again") {
    World world;
    const Person ada = world.patient("ada");
    const Person eve = world.patient("eve");
    const Kept kept = world.keep(ada, "note");
    const client::SealedItem intruder = world.seal(eve, world.facts(ada, kept.collection), "x");
    const Answer answer = world.store(eve, {}, {intruder});
    CHECK(json::need_uint(answer.json, "code").value() == 101);
    CHECK(json::need_uint(answer.json, "stored").value() == 0);
    CHECK(blobs_in(world) == 1);
    CHECK_FALSE(world.house->records->record(intruder.record).ok());
}

TEST_CASE("nobody stores in another's name") {
    World world;
    const Person ada = world.patient("ada");
    const Person eve = world.patient("eve");
    const ObjectId collection = random_bytes<ObjectId>(world.env);
    const client::SealedItem item = world.seal(ada, world.facts(ada, collection), "note");
    const Bytes tx = world.signed_by(ada, {world.new_collection(ada, collection), item.put});
    CHECK(world.post_bytes("/api/store", client::store_body(tx, {item}), &eve).status == 403);
    CHECK(world.post_bytes("/api/store", Bytes{0x80}, &ada).status == 400);
}

TEST_CASE("without consent nothing leaves, and the refusal is written down") {
    World world;
    const Person officer = world.first_officer();
    const Person eve = world.staff(officer, "eve", "clinician");
    const Person ada = world.patient("ada");
    const Kept kept = world.keep(ada, "note");
    const Answer answer = world.ask(eve, ada.id(), {kept.item.record});
    CHECK(answer.status == 403);
    CHECK(answer.reason() == "consent-none");
    const auto receipt = world.house->access_log->read(1).value();
    CHECK_FALSE(receipt.permitted);
    CHECK(receipt.actor == eve.id());
    CHECK(receipt.patient == ada.id());
    CHECK(receipt.reason == vault::Reason::no_directive);
    const Answer feed = world.get("/api/feed", &ada);
    const json::Array& openings = *json::need_array(feed.json, "openings").value();
    REQUIRE(openings.size() == 1);
    CHECK(json::need_text(openings[0], "decision").value() == "deny");
    CHECK(world.get("/api/feed", &eve).json.find("openings")->array()->empty());
}

TEST_CASE("a consent opens, its end closes, and the bytes are the patient's words") {
    World world;
    const Person officer = world.first_officer();
    const Person eve = world.staff(officer, "eve", "clinician");
    const Person ada = world.patient("ada");
    const Kept kept = world.keep(ada, "allergic to penicillin");
    const auto grant = world.grant(ada, kept.collection, world.to_person(ada, eve));

    const Answer opened = world.ask(eve, ada.id(), {kept.item.record});
    REQUIRE(opened.status == 200);
    const auto released = client::decode_released(opened.raw.body).value();
    CHECK(released.directives == std::vector{grant.directive});
    REQUIRE(released.wraps.size() == 1);
    const auto key =
        client::unwrap_collection(grant.place, world.facts(ada, kept.collection), 1,
                                  released.wraps[0].wrap, eve.account.keys.kem.private_half)
            .value();
    CHECK(world.open_text(ada, kept, opened, key) == "allergic to penicillin");
    CHECK(world.ask(eve, ada.id(), {kept.item.record}, "HRESCH").reason() == "consent-none");

    const Answer shared = world.get("/api/shared/" + hex(grant.directive) + "/records", &eve);
    const json::Array& rows = *json::need_array(shared.json, "records").value();
    REQUIRE(rows.size() == 1);
    for (const char* field :
         {"record", "collection", "epoch", "digest", "size", "author", "height", "status"})
        CHECK(rows[0].find(field) != nullptr);
    CHECK(world.get("/api/shared/" + hex(grant.directive) + "/records", &ada).status == 404);

    CHECK(world.revoke(ada, grant.directive).status == 200);
    CHECK(world.ask(eve, ada.id(), {kept.item.record}).reason() == "consent-revoked");
    CHECK(world.get("/api/shared/" + hex(grant.directive) + "/records", &eve).status == 403);
    CHECK(world.house->records->grant(ada.id(), grant.directive).value().wraps.empty());
    CHECK(world.revoke(ada, grant.directive).status == 403);
}

TEST_CASE("a consent ends at its hour") {
    World world;
    const Person officer = world.first_officer();
    const Person eve = world.staff(officer, "eve", "clinician");
    const Person ada = world.patient("ada");
    const Kept kept = world.keep(ada, "note");
    auto options = world.to_person(ada, eve);
    options.life_ms = 60'000;
    world.grant(ada, kept.collection, options);
    CHECK(world.ask(eve, ada.id(), {kept.item.record}).status == 200);
    world.advance(60'001);
    CHECK(world.ask(eve, ada.id(), {kept.item.record}).reason() == "consent-expired");
}

TEST_CASE("a consent needs a fresh proof, its own keys, and is given once") {
    World world;
    const Person ada = world.patient("ada");
    const Person bea = world.patient("bea");
    const Kept kept = world.keep(ada, "note");
    const auto parts = world.make_grant(ada, kept.collection, world.to_person(ada, bea));
    CHECK(world.post_bytes("/api/grants", parts.body, &bea).status == 403);
    Bytes other = parts.body;
    other.back() ^= 1;  // the last byte of the last wrap
    CHECK(world.post_bytes("/api/grants", other, &ada).status == 422);
    CHECK(world.post_bytes("/api/grants", parts.body, &ada).status == 200);
    CHECK(world.post_bytes("/api/grants", parts.body, &ada).status == 409);
    world.advance(5 * 60'000);
    const auto later = world.make_grant(ada, kept.collection, world.to_person(ada, bea));
    const Answer stale = world.post_bytes("/api/grants", later.body, &ada);
    CHECK(stale.status == 401);
    CHECK(stale.reason() == "step-up");
    CHECK(world
              .post("/api/stepup",
                    json::Object{{"auth_key", to_base64url(ada.account.auth.reveal())}}, &ada)
              .status == 200);
    CHECK(world.post_bytes("/api/grants", later.body, &ada).status == 200);
}

TEST_CASE("keys of those who stay are those the revocation names") {
    World world;
    const Person ada = world.patient("ada");
    const Person bea = world.patient("bea");
    const Kept kept = world.keep(ada, "note");
    const auto grant = world.grant(ada, kept.collection, world.to_person(ada, bea));
    const Bytes tx = world.signed_by(
        ada, {client::operation::consent_revoke(grant.directive, "patient", {}, Digest{})});
    CHECK(world.post_bytes("/api/revoke", client::revoke_body(tx, {}), &ada).status == 422);
    CHECK(world.ask(bea, ada.id(), {kept.item.record}).status == 200);
}

TEST_CASE("two directives for one collection hand over both keys") {
    World world;
    const Person ada = world.patient("ada");
    const Person bea = world.patient("bea");
    const Kept kept = world.keep(ada, "note");
    world.grant(ada, kept.collection, world.to_person(ada, bea));
    auto again = world.to_person(ada, bea);
    again.to = ada.account.keys.kem.public_half;  // as an organisation's key would be another
    world.grant(ada, kept.collection, again);
    const Answer opened = world.ask(bea, ada.id(), {kept.item.record});
    CHECK(client::decode_released(opened.raw.body).value().wraps.size() == 2);
}

TEST_CASE("the receipt is on the disk when the answer comes, and on the chain soon after") {
    World world;
    const Person ada = world.patient("ada");
    const Kept kept = world.keep(ada, "note");
    for (std::uint64_t i = 1; i <= 3; ++i) {
        REQUIRE(world.ask(ada, ada.id(), {kept.item.record}, "PATRQT").status == 200);
        CHECK(world.house->access_log->next_sequence() == i + 1);
        CHECK(receipts_on_disk(world) == i);
    }
    CHECK(within(std::chrono::seconds(2),
                 [&] { return world.house->access_log->anchor_of(3).value().has_value(); }));
    const Answer proof = world.get("/api/feed/3/proof", &ada);
    CHECK(proof.status == 200);
    CHECK(proof.raw.content_type == "application/octet-stream");
    const Person bea = world.patient("bea");
    CHECK(world.get("/api/feed/3/proof", &bea).status == 404);
    CHECK(world.get("/api/feed/4/proof", &ada).status == 404);
    CHECK(world.get("/api/feed/x/proof", &ada).status == 400);
}

TEST_CASE("a used request is refused, also after a restart") {
    World world;
    const Person ada = world.patient("ada");
    const Kept kept = world.keep(ada, "note");
    const Bytes request = world.open_request(ada, ada.id(), {kept.item.record});
    CHECK(world.post_bytes("/api/open", request, &ada).status == 200);
    CHECK(world.post_bytes("/api/open", request, &ada).status == 409);
    world.reopen();
    CHECK(world.post_bytes("/api/open", request, &ada).status == 409);
    CHECK(world.house->access_log->next_sequence() == 2);
}

TEST_CASE("a request's clock may be two minutes off, no more") {
    World world;
    const Person ada = world.patient("ada");
    const Kept kept = world.keep(ada, "note");
    const auto ask = [&](std::int64_t off_ms) {
        return world
            .post_bytes("/api/open",
                        world.open_request(ada, ada.id(), {kept.item.record}, "TREAT", off_ms),
                        &ada)
            .status;
    };
    CHECK(ask(-110'000) == 200);
    CHECK(ask(120'000) == 200);
    CHECK(ask(-120'001) == 400);
    CHECK(ask(130'000) == 400);
}

TEST_CASE("the window of a request's time is inclusive on both sides") {
    SeenRequests seen;
    const UnixMillis now{10'000'000};
    const auto admit = [&](std::int64_t time) {
        OpenRequest request;
        request.time = {time};
        request.hash.bytes[0] = static_cast<std::uint8_t>(time);
        request.hash.bytes[1] = static_cast<std::uint8_t>(time >> 8);
        return seen.admit(request, now).ok();
    };
    CHECK(admit(now.value - open_window_ms));
    CHECK_FALSE(admit(now.value - open_window_ms - 1));
    CHECK(admit(now.value + open_window_ms));
    CHECK_FALSE(admit(now.value + open_window_ms + 1));
}

TEST_CASE("a request of another account, key, chain or form opens nothing") {
    World world;
    const Person ada = world.patient("ada");
    const Person eve = world.patient("eve");
    const Kept kept = world.keep(ada, "note");
    const Bytes request = world.open_request(ada, ada.id(), {kept.item.record});
    CHECK(world.post_bytes("/api/open", request, &eve).status == 403);
    CHECK(world.post_bytes("/api/open", request, nullptr).status == 401);
    Bytes changed = request;
    changed.back() ^= 1;
    CHECK(world.post_bytes("/api/open", changed, &ada).status == 401);
    CHECK(world.post_bytes("/api/open", Bytes{}, &ada).status == 400);
    const std::string real = std::exchange(world.chain, "another-chain");
    const Bytes elsewhere = world.open_request(ada, ada.id(), {kept.item.record});
    world.chain = real;
    CHECK(world.post_bytes("/api/open", elsewhere, &ada).status == 400);
    // Ada's session, a request in her name, somebody else's key.
    Person forged = world.newcomer("x", false, false);
    forged.account.keys.account = ada.id();
    const Bytes by_other = world.open_request(forged, ada.id(), {kept.item.record});
    CHECK(world.post_bytes("/api/open", by_other, &ada).status == 401);
    CHECK(world.house->access_log->next_sequence() == 1);
}

TEST_CASE("a record that does not exist and one of another patient are answered alike") {
    World world;
    const Person ada = world.patient("ada");
    const Person bea = world.patient("bea");
    const Kept of_bea = world.keep(bea, "note");
    const Answer foreign = world.ask(ada, ada.id(), {of_bea.item.record});
    const Answer absent = world.ask(ada, ada.id(), {random_bytes<ObjectId>(world.env)});
    CHECK(foreign.status == 404);
    CHECK(absent.status == 404);
    CHECK(foreign.without_reference() == absent.without_reference());
    const Answer sealed_foreign = world.get("/api/sealed/" + hex(of_bea.item.record), &ada);
    const Answer sealed_absent =
        world.get("/api/sealed/" + hex(random_bytes<ObjectId>(world.env)), &ada);
    CHECK(sealed_foreign.status == 404);
    CHECK(sealed_absent.status == 404);
}

TEST_CASE("a request names one to a thousand records") {
    World world;
    const Person ada = world.patient("ada");
    const Kept kept = world.keep(ada, "note");
    const auto with = [&](std::size_t count) {
        cbor::Writer out;
        out.map(8).uint(1).text(world.chain).uint(2).bytes(ada.id().view());
        out.uint(3).bytes(random_bytes<ObjectId>(world.env).view());
        out.uint(4).integer(world.env.now().value).uint(5).bytes(ada.id().view());
        out.uint(6).array(count);
        for (std::size_t i = 0; i < count; ++i) out.bytes(kept.item.record.view());
        out.uint(7).text("TREAT").uint(8).text("access");
        return ledger::cose_sign1(ledger::access_request_label, out.view(),
                                  ada.account.keys.signing);
    };
    CHECK(world.post_bytes("/api/open", with(0), &ada).status == 400);
    CHECK(world.post_bytes("/api/open", with(1), &ada).status == 200);
    CHECK(world.post_bytes("/api/open", with(open_records_max), &ada).status == 200);
    CHECK(world.post_bytes("/api/open", with(open_records_max + 1), &ada).status == 400);
}

TEST_CASE("a laboratory adds to a collection and reads what it wrote, and nothing else") {
    World world;
    const Person officer = world.first_officer();
    const Person lab = world.staff(officer, "lab", "laboratory");
    const Person ada = world.patient("ada");
    const Kept own = world.keep(ada, "private note");
    const client::CollectionFacts to = world.facts(ada, own.collection);
    const client::SealedItem early = world.seal(lab, to, "too early", true);
    CHECK(json::need_uint(world.store(lab, {}, {early}).json, "code").value() == 101);

    const Bytes writer =
        world.signed_by(ada, {client::operation::writer_put(own.collection, lab.id(),
                                                            {world.env.now().value + 600'000})});
    REQUIRE(world.post_bytes("/api/tx", writer, nullptr).status == 200);
    const client::SealedItem result = world.seal(lab, to, "HbA1c 41", true);
    CHECK(json::need_uint(world.store(lab, {}, {result}).json, "code").value() == 0);

    const Answer opened = world.ask(lab, ada.id(), {result.record});
    REQUIRE(opened.status == 200);
    const auto released = client::decode_released(opened.raw.body).value();
    CHECK(released.wraps.empty());
    CHECK(*released.records[0].grant_wrap == result.author_wrap);
    CHECK(world.house->access_log->read(1).value().reason == vault::Reason::own_writing);
    CHECK(world.ask(lab, ada.id(), {own.item.record}).reason() == "consent-none");
    CHECK(world.ask(lab, ada.id(), {result.record, own.item.record}).status == 403);
    CHECK(world.get("/api/sealed/" + hex(own.item.record), &lab).status == 404);
    const Answer list = world.get("/api/records", &lab);
    CHECK(json::need_array(list.json, "records").value()->size() == 1);
    CHECK(world.get("/api/records?collection=" + hex(own.collection), &lab).status == 404);

    world.advance(600'001);
    const client::SealedItem late = world.seal(lab, to, "too late", true);
    CHECK(json::need_uint(world.store(lab, {}, {late}).json, "code").value() == 101);
}

TEST_CASE("erased means gone: the key, the body, and their bytes in every file of the vault") {
    World world;
    const Person ada = world.patient("ada");
    const Person bea = world.patient("bea");
    const Kept kept = world.keep(ada, "to be forgotten");
    const Kept other = world.keep(ada, "to be kept");
    const std::string vault = world.directory.path + "/vault";
    CHECK(files_hold(vault, kept.item.body));
    CHECK(files_hold(vault, kept.item.dek_wrap));

    const Bytes erase =
        world.signed_by(ada, {client::operation::record_erase(std::vector{kept.item.record}, {})});
    REQUIRE(world.post_bytes("/api/tx", erase, nullptr).status == 200);
    CHECK(within(std::chrono::seconds(20), [&] {
        return !world.house->records->record(kept.item.record).ok() &&
               world.house->chain_index->to_erase().value().empty();
    }));
    CHECK(world.ask(ada, ada.id(), {kept.item.record}).status == 404);
    CHECK_FALSE(world.house->blobs->has(crypto::sha256(kept.item.body)).value());
    CHECK(within(std::chrono::seconds(10), [&] {
        return !files_hold(vault, kept.item.dek_wrap) && !files_hold(vault, kept.item.salt);
    }));
    CHECK_FALSE(files_hold(vault, kept.item.body));
    CHECK(world.ask(ada, ada.id(), {other.item.record}, "PATRQT").status == 200);
}

TEST_CASE("a consent that ends by another door loses its keys too") {
    World world;
    const Person ada = world.patient("ada");
    const Person bea = world.patient("bea");
    const Kept kept = world.keep(ada, "note");
    const auto grant = world.grant(ada, kept.collection, world.to_person(ada, bea));
    const auto other = world.grant(ada, kept.collection, world.to_person(ada, bea));
    const auto wraps = [&](const auto& parts) {
        return world.house->records->grant(ada.id(), parts.directive).value().wraps.size();
    };
    const Bytes end =
        world.signed_by(ada, {client::operation::consent_revoke(grant.directive, "patient", {},
                                                                client::wraps_digest({}).value())});
    REQUIRE(world.post_bytes("/api/tx", end, nullptr).status == 200);
    CHECK(within(std::chrono::seconds(10), [&] { return wraps(grant) == 0; }));
    CHECK(wraps(other) == 1);
    CHECK(world.ask(bea, ada.id(), {kept.item.record}).status == 200);

    // In place of it: a directive that supersedes ends the one before.
    client::ConsentIr ir;
    ir.actors = {client::person_label(ada.account.keys.labels, bea.id())};
    ir.scope = {client::ScopeKind::collections, {kept.collection}};
    ir.purposes = {"HRESCH"};
    ir.actions = {"access"};
    ir.until = {world.env.now().value + 60'000};
    const client::operation::ConsentPut put{random_bytes<ObjectId>(world.env),
                                            client::encode(ir).value(), Digest{},
                                            client::wraps_digest({}).value(), other.directive};
    const Bytes instead = world.signed_by(ada, {client::operation::consent_put(put)});
    REQUIRE(world.post_bytes("/api/tx", instead, nullptr).status == 200);
    CHECK(within(std::chrono::seconds(10), [&] { return wraps(other) == 0; }));
    CHECK(world.ask(bea, ada.id(), {kept.item.record}).reason() == "consent-revoked");
}

TEST_CASE("keys of an ended consent that a crash left are deleted at the next opening") {
    World world;
    const Person ada = world.patient("ada");
    const Person bea = world.patient("bea");
    const Kept kept = world.keep(ada, "note");
    const auto grant = world.grant(ada, kept.collection, world.to_person(ada, bea));
    const auto wraps = [&] {
        return world.house->records->grant(ada.id(), grant.directive).value().wraps.size();
    };
    world.house->close();  // the vault stands still; the chain goes on
    const Bytes end =
        world.signed_by(ada, {client::operation::consent_revoke(grant.directive, "patient", {},
                                                                client::wraps_digest({}).value())});
    REQUIRE(world.node->submit_and_wait(end).value().code == 0);
    CHECK(wraps() == 1);
    world.reopen();
    CHECK(wraps() == 0);
    // Also when the index is lost and learned anew from the chain.
    world.close();
    std::filesystem::remove_all(world.directory.path + "/vault/index");
    world.open();
    CHECK(wraps() == 0);
    CHECK(world.house->chain_index->to_close()->empty());
}

TEST_CASE("what a crash left of an erasure is done at the next opening") {
    World world;
    const Person ada = world.patient("ada");
    const Kept kept = world.keep(ada, "to be forgotten");
    world.house->close();  // the vault stands still; the chain goes on
    const Bytes erase =
        world.signed_by(ada, {client::operation::record_erase(std::vector{kept.item.record}, {})});
    REQUIRE(world.node->submit_and_wait(erase).value().code == 0);
    CHECK(world.house->records->record(kept.item.record).ok());
    world.reopen();
    CHECK_FALSE(world.house->records->record(kept.item.record).ok());
    CHECK_FALSE(world.house->blobs->has(crypto::sha256(kept.item.body)).value());
}

TEST_CASE("a claimed record leaves its old place, with its offer") {
    World world;
    const Person steward = world.patient("steward");
    const Person ada = world.patient("ada");
    const Kept row = world.keep(steward, "row 17");
    const crypto::ClaimCode code = crypto::random_key<crypto::ClaimCode>(world.env);
    const crypto::ClaimSecret secret = crypto::claim_secret(code);
    const Digest claim_hash = crypto::sha256(secret.reveal());
    const auto offer = [&](const Person& by, const ObjectId& record) {
        cbor::Writer body;
        body.array(3)
            .bytes(world.signed_by(by, {client::operation::record_offer(record, claim_hash)}))
            .bytes(record.view())
            .bytes(Bytes(90, 5));
        return world.post_bytes("/api/offers", body.take(), &by).status;
    };
    world.advance(5 * 60'000);
    CHECK(offer(steward, row.item.record) == 401);  // a code hands a record over: a fresh proof
    for (const Person* one : {&steward, &ada}) {
        const auto proof = to_base64url(one->account.auth.reveal());
        CHECK(world.post("/api/stepup", json::Object{{"auth_key", proof}}, one).status == 200);
    }
    CHECK(offer(steward, row.item.record) == 200);
    const Kept decoy = world.keep(ada, "decoy");
    CHECK(offer(ada, decoy.item.record) == 409);

    const Answer found =
        world.post("/api/offers/find", json::Object{{"claim_hash", hex(claim_hash)}}, &ada);
    CHECK(json::need_text(found.json, "record").value() == hex(row.item.record));
    const std::string address = "/api/offers/" + hex(row.item.record) + "?secret=";
    CHECK(world.get(address + to_base64url(Bytes(32, 0)), &ada).status == 404);
    CHECK(world.get(address + to_base64url(secret.reveal()), &ada).status == 200);
    CHECK(world.house->access_log->read(1).value().patient == steward.id());

    const ObjectId own = random_bytes<ObjectId>(world.env);
    client::SealedItem mine = world.seal(ada, world.facts(ada, own), "row 17");
    mine.put = client::operation::record_claim({row.item.record, mine.record, own, 1, Digest{}},
                                               secret, *mine.put.payload);
    const Answer claimed = world.store(ada, {world.new_collection(ada, own)}, {mine});
    CHECK(json::need_uint(claimed.json, "code").value() == 0);
    CHECK(within(std::chrono::seconds(20), [&] {
        return !world.house->records->record(row.item.record).ok() &&
               !world.house->records->offer(claim_hash).ok();
    }));
    CHECK(world.ask(ada, ada.id(), {mine.record}, "PATRQT").status == 200);
    CHECK(world.ask(steward, steward.id(), {row.item.record}, "PATRQT").status == 404);
}

TEST_CASE("the vault's index may be deleted: proofs, lists and anchors come back") {
    World world;
    const Person ada = world.patient("ada");
    const Kept kept = world.keep(ada, "note");
    REQUIRE(world.ask(ada, ada.id(), {kept.item.record}, "PATRQT").status == 200);
    REQUIRE(world.settled());
    REQUIRE(world.ask(ada, ada.id(), {kept.item.record}, "PATRQT").status == 200);
    REQUIRE(world.settled());
    const Bytes proof = world.get("/api/feed/1/proof", &ada).raw.body;
    world.close();
    std::filesystem::remove_all(world.directory.path + "/vault/index");
    world.open();
    CHECK(world.get("/api/feed/1/proof", &ada).raw.body == proof);
    CHECK(world.house->access_log->next_sequence() == 3);
    CHECK(world.ask(ada, ada.id(), {kept.item.record}, "PATRQT").status == 200);
    CHECK(world.settled());
    CHECK(world.house->access_log->anchor_of(3).value()->from == 3);
    const Answer list = world.get("/api/collections", &ada);
    CHECK(json::need_array(list.json, "collections").value()->size() == 1);
}

TEST_CASE("a node whose receipts were lost does not start over") {
    World world;
    const Person ada = world.patient("ada");
    const Kept kept = world.keep(ada, "note");
    REQUIRE(world.ask(ada, ada.id(), {kept.item.record}, "PATRQT").status == 200);
    REQUIRE(world.settled());
    world.house->close();
    world.house.reset();
    std::filesystem::remove_all(world.directory.path + "/vault/access");
    const auto opened = world.open_house();
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().code == Errc::integrity);
}
