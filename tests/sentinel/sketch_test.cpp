#include "sentinel/edge_list.hpp"
#include "sentinel/edge_sketch.hpp"
#include "sentinel/ranking.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace salus;
using namespace salus::sentinel;

TEST_CASE("a burst of one edge scores above the same edge at its usual rate") {
    EdgeSketch sketch;
    float usual = 0;
    for (std::uint32_t tick = 1; tick <= 200; ++tick)
        for (std::uint64_t node = 0; node < 20; ++node)
            usual = sketch.score(node, node + 100, tick);
    float burst = 0;
    for (int i = 0; i < 100; ++i) burst = sketch.score(3, 103, 201);
    CHECK(burst > 100 * (usual + 1));
}

TEST_CASE("an edge without a past is a burst by its number and not by being new") {
    EdgeSketch sketch;
    for (std::uint32_t tick = 1; tick <= 200; ++tick)
        for (std::uint64_t node = 0; node < 5; ++node) sketch.score(node, node + 10, tick);
    const float once = sketch.score(77, 78, 201);
    float many = 0;
    for (int i = 0; i < 50; ++i) many = sketch.score(79, 80, 201);
    CHECK(many > once);
}

TEST_CASE("an earlier tick counts as the newest, and the first tick scores nothing") {
    EdgeSketch sketch;
    CHECK(sketch.score(1, 2, 1) == 0);
    sketch.score(1, 2, 50);
    CHECK(sketch.score(1, 2, 3) >= 0);
}

TEST_CASE("an edge list may order its columns, quote names and carry lines that are no edge") {
    const auto list = read_edges(
        "\xef\xbb\xbflabel,time,source,target\r\n"
        "0,5,\"a,b\",c\r\n\n1,6.0,a,c\nx,yes,a,c\n1\n");
    REQUIRE(list.ok());
    CHECK(list->edges.size() == 2);
    CHECK(list->lines_left_out == 2);
    CHECK(list->edges[1].label);
    CHECK(list->edges[0].target == list->edges[1].target);
    CHECK(list->edges[0].source != list->edges[1].source);
    CHECK_FALSE(read_edges("a,b,c\n1,2,3\n").ok());
    CHECK_FALSE(read_edges("source,target,time\na,b,noon\n").ok());
    CHECK(read_edges("source,target,time\n").ok());
}

TEST_CASE("idle time costs no tick and a clock too fine is made coarser") {
    std::string text = "source,target,time\n";
    for (int i = 0; i < 80; ++i) text += "a,b," + std::to_string(1'000'000 + i / 8 * 5'000) + "\n";
    const auto ticks = ticks_of(read_edges(text).value());
    CHECK(ticks.front() == 1);
    CHECK(ticks.back() == 10);
    std::string fine = "source,target,time\n";
    for (int i = 0; i < 800; ++i) fine += "a,b," + std::to_string(i * 37) + "\n";
    CHECK(ticks_of(read_edges(fine).value()).back() <= 100);
}

TEST_CASE("the area under the curve counts ties as half") {
    const std::array<float, 4> scores{1, 2, 2, 3};
    CHECK(*area_under_curve(scores, {false, true, false, true}) == doctest::Approx(0.875));
    CHECK_FALSE(area_under_curve(scores, {false, false, false, false}));
}
