// C++17: libwabt's headers.
#include "wat.hpp"

#include <wabt/ir.h>
#include <wabt/stream.h>

#include <cstdio>
#include <memory>
#include <wabt/binary-writer.h>
#include <wabt/error-formatter.h>
#include <wabt/wast-lexer.h>
#include <wabt/wast-parser.h>

std::vector<std::uint8_t> assemble(const std::string& text) {
    wabt::Features features;
    features.EnableAll();
    wabt::Errors errors;
    std::unique_ptr<wabt::WastLexer> lexer =
        wabt::WastLexer::CreateBufferLexer("test", text.data(), text.size(), &errors);
    std::unique_ptr<wabt::Module> module;
    wabt::WastParseOptions parse(features);
    wabt::MemoryStream stream;
    wabt::WriteBinaryOptions write;
    write.features = features;
    if (wabt::Failed(wabt::ParseWatModule(lexer.get(), &module, &errors, &parse)) ||
        wabt::Failed(wabt::WriteBinaryModule(&stream, module.get(), write))) {
        std::fprintf(stderr, "test module: %s\n",
                     errors.empty() ? "?" : errors.front().message.c_str());
        return {};
    }
    return std::move(stream.output_buffer().data);
}
