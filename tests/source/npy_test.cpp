// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fieldreel/source/npy.hpp>

#include "support/npy_bytes.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace fr = fieldreel;
using support::npy_file;
using support::npy_head;
using support::npy_words;
using support::sentence_of;
using support::thrown_by;

namespace {

fr::npy_header header_of(const std::string& path) {
    return fr::read_npy_header(fr::read_only_file(path));
}

/// The sentence with which a file of these bytes is refused, without the path in front.
std::string refused(const std::string& bytes) {
    const support::temporary_directory folder;
    const auto path = folder.write("a.npy", bytes);
    const std::string said = sentence_of<fr::file_error>([&] { (void)header_of(path); });
    return said.starts_with(path) ? said.substr(path.size()) : said;
}

fr::npy_header read(const std::string& bytes) {
    const support::temporary_directory folder;
    return header_of(folder.write("a.npy", bytes));
}

using shape = std::vector<std::size_t>;

} // namespace

TEST_CASE("headers of versions 1, 2 and 3") {
    for (const int version : {1, 2, 3}) {
        const auto header = read(npy_file<float>("<f4", "(2, 3)", {1, 2, 3, 4, 5, 6}, version));
        CHECK(header.type == fr::dtype::f32);
        CHECK(header.shape == shape{2, 3});
        CHECK(header.data_offset % 64 == 0);
        CHECK(header.data_offset == (npy_head(npy_words("<f4", "(2, 3)"), version).size()));
        CHECK(header.value_count() == 6);
    }
    for (const char version : {'\0', '\4', '\xff'}) {
        auto bytes = npy_file<float>("<f4", "(1,)", {1});
        bytes[6] = version;
        CHECK(refused(bytes) == " is a .npy file of version " + std::to_string(static_cast<unsigned char>(version)) +
                                    "; versions 1 to 3 are read; write it again with numpy.save");
    }
}

TEST_CASE("all number types") {
    const auto type_of = [](const std::string& descr) {
        return read(npy_file<std::uint64_t>(descr, "(1,)", {0})).type;
    };
    CHECK(type_of("<f4") == fr::dtype::f32);
    CHECK(type_of("<f8") == fr::dtype::f64);
    CHECK(type_of("|i1") == fr::dtype::i8);
    CHECK(type_of("|u1") == fr::dtype::u8);
    CHECK(type_of("|b1") == fr::dtype::u8);
    CHECK(type_of("<i2") == fr::dtype::i16);
    CHECK(type_of("<u2") == fr::dtype::u16);
    CHECK(type_of("<i4") == fr::dtype::i32);
    CHECK(type_of("<u4") == fr::dtype::u32);
    CHECK(type_of("<i8") == fr::dtype::i64);
    CHECK(type_of("<u8") == fr::dtype::u64);
}

TEST_CASE("what no frames can be made of is refused with the cure") {
    const auto with_type = [](const std::string& descr) {
        return refused(npy_file<std::uint64_t>(descr, "(1,)", {0}));
    };
    CHECK(with_type(">f8") == " is big-endian ('>f8'); fieldreel reads little-endian; save it again with "
                              "a.astype('<f8')");
    CHECK(with_type("|O") == " holds pickled Python objects, which are never read because they can run code; save "
                             "numbers: numpy.save(path, numpy.asarray(a, dtype=float))");
    const std::string allowed = "'; allowed are float32, float64 and integers of 8 to 64 bits; convert with "
                                "a.astype('float32')";
    for (const std::string descr : {"<f2", "<c16", "<U10", "|S5", "<M8[ns]", "<f16", "|V8", ""}) {
        CHECK(with_type(descr) == " holds values of type '" + descr + allowed);
    }
    CHECK(refused(npy_head("{'descr': [('x', '<f8'), ('y', '<f8')], 'fortran_order': False, 'shape': (3,), }")) ==
          " holds a structured array (named columns); save one plain array per file: numpy.save(path, a['name'])");
    const support::temporary_directory folder;
    const auto file = folder.write("o.npy", npy_head(npy_words("|O", "(1,)")));
    CHECK(thrown_by<fr::file_error>([&] { (void)header_of(file); }).path() == file);
}

TEST_CASE("Fortran order is refused, except where it is the same as C order") {
    const auto fortran = [](const std::string& shape, std::size_t values) {
        return npy_head(npy_words("<f4", shape, true)) + std::string(4 * values, '\0');
    };
    CHECK(refused(fortran("(4, 3)", 12)) ==
          " is stored in Fortran order (shape 4 x 3); frames must lie one after the other in C order; save it with "
          "numpy.save(path, numpy.ascontiguousarray(a))");
    const support::temporary_directory folder;
    const fr::read_only_file table(folder.write("t.npy", fortran("(4, 3)", 12)));
    CHECK(fr::read_npy_header(table, fr::npy_order::c_or_fortran).fortran_order); // who asks for it gets it
    CHECK_FALSE(read(fortran("(5, 1)", 5)).fortran_order);
    CHECK(read(fortran("(5,)", 5)).shape == shape{5});
    CHECK(read(fortran("(1, 5)", 5)).shape == shape{1, 5});
    CHECK(read(fortran("(5, 1, 1)", 5)).shape == shape{5, 1, 1});
}

TEST_CASE("what is no .npy file is refused") {
    const std::string no_npy =
        " is no .npy file: it does not start with NumPy's signature; write it with numpy.save, or "
        "open raw numbers with open_raw";
    CHECK(refused("") == no_npy);
    CHECK(refused("\x93NUMPY") == no_npy);
    CHECK(refused("PK\3\4 this is an .npz archive") == no_npy);
    CHECK(refused(std::string(1000, '\0')) == no_npy);
}

TEST_CASE("a cut file is refused, wherever the cut") {
    const std::string whole = npy_file<float>("<f4", "(2, 3)", {1, 2, 3, 4, 5, 6});
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const std::string said = refused(whole.substr(0, length));
        if (length < 10) {
            REQUIRE(said.starts_with(" is no .npy file"));
        } else {
            REQUIRE(said == " is cut: it has " + std::to_string(length) + " bytes and its header promises " +
                                std::to_string(length < 128 ? 128 : 152) + "; copy or write it again");
        }
    }
    CHECK(read(whole + "and more").shape == shape{2, 3}); // as numpy does
}

TEST_CASE("shapes") {
    const auto with_shape = [](const std::string& text) {
        return npy_head(npy_words("<f4", text)) + std::string(400, '\0');
    };
    CHECK(read(with_shape("()")).shape.empty());
    CHECK(read(with_shape("()")).value_count() == 1);
    CHECK(read(with_shape("(0,)")).value_count() == 0);
    CHECK(read(with_shape("(0, 18446744073709551615, 7)")).value_count() == 0);
    CHECK(read(with_shape("(2, 3, 4, 1,)")).shape == shape{2, 3, 4, 1});
    CHECK(read(with_shape("( 2 ,3 )")).shape == shape{2, 3});

    const std::string no_file = " values, which no file can hold; write it again with numpy.save";
    CHECK(refused(with_shape("(18446744073709551615,)")) == " promises an array of 18446744073709551615" + no_file);
    CHECK(refused(with_shape("(4294967296, 4294967296, 4294967296)")) ==
          " promises an array of 4294967296 x 4294967296 x 4294967296" + no_file);
    CHECK(refused(with_shape("(1000000000000000,)"))
              .starts_with(" is cut: it has 528 bytes and its header promises "
                           "4000000000000128;"));
    const std::string no_list = " has a .npy header with a shape that is no list of whole numbers; write it again with "
                                "numpy.save";
    for (const std::string text : {"(-1,)", "(x,)", "(18446744073709551616,)", "(,)", "(2,,3)", "('2',)", "(", "(2,"}) {
        CAPTURE(text);
        CHECK(refused(with_shape(text)) == no_list);
    }
    CHECK(refused(with_shape("(2 3)")) ==
          " has a .npy header with a shape without commas; write it again with numpy.save");
    CHECK(refused(with_shape("(2.5,)")) ==
          " has a .npy header with a shape without commas; write it again with numpy.save");
    CHECK(refused(with_shape("5")) ==
          " has a .npy header with no '(' where one belongs; write it again with numpy.save");
}

TEST_CASE("a header's dictionary: any order of keys, nothing unknown, nothing missing") {
    const std::string data(40, '\0');
    CHECK(read(npy_head("{\"shape\":(10,),'fortran_order':False,'descr':\"<f4\"}") + data).shape == shape{10});
    const auto said = [&](const std::string& words) { return refused(npy_head(words) + data); };
    const std::string again = "; write it again with numpy.save";
    CHECK(said("{'descr': '<f4', 'fortran_order': False, }") ==
          " has a .npy header with no descr, fortran_order or shape" + again);
    CHECK(said("{'descr': '<f4', 'fortran_order': False, 'shape': (10,), 'x': 1}") ==
          " has a .npy header with the key 'x'" + again);
    CHECK(said("{'descr': '<f4', 'fortran_order': 0, 'shape': (10,)}") ==
          " has a .npy header with a fortran_order that is neither True nor False" + again);
    CHECK(said("{'descr': '<f4' 'fortran_order': False, 'shape': (10,)}") ==
          " has a .npy header with a missing comma" + again);
    CHECK(said("{'descr': '<f4, }") == " has a .npy header with an unfinished name" + again);
    CHECK(said("{descr: '<f4', }") == " has a .npy header with a name without quotes" + again);
    CHECK(said("{'descr' '<f4', }") == " has a .npy header with no ':' where one belongs" + again);
    CHECK(said("[]") == " has a .npy header with no '{' where one belongs" + again);
    CHECK(said("") == " has a .npy header with no '{' where one belongs" + again);
    std::string huge = npy_head("{'descr': '<f4'" + std::string(2'000'000, ' '), 2);
    CHECK(refused(huge).starts_with(" has a .npy header of 20"));
}

TEST_CASE("10 000 mutated headers are read or refused, nothing else") {
    std::mt19937 engine(17);
    const support::temporary_directory folder;
    const std::string pieces[] = {"'",   "(",    ")",     ",",          "{",  "}",   "descr",
                                  "<f8", "True", "shape", "9999999999", "\0", "\xff"};
    std::size_t read = 0;
    for (int k = 0; k < 10'000; ++k) {
        std::string bytes = npy_file<float>("<f4", "(2, 3)", {1, 2, 3, 4, 5, 6}, 1 + k % 3);
        for (std::size_t change = 0, changes = 1 + engine() % 4; change < changes; ++change) {
            const std::size_t at = engine() % (k % 2 == 0 ? 80 : bytes.size());
            switch (engine() % 4) {
            case 0: bytes[at] = static_cast<char>(engine()); break;
            case 1: bytes.erase(at, 1 + engine() % 8); break;
            case 2: bytes.insert(at, pieces[engine() % std::size(pieces)]); break;
            default: bytes.resize(engine() % 160, '\0'); break;
            }
            bytes.resize((std::max)(bytes.size(), std::size_t{80}), ' ');
        }
        try {
            const auto header = header_of(folder.write("fuzz.npy", bytes));
            REQUIRE(header.data_offset + header.value_count() * fr::size_of(header.type) <= bytes.size());
            ++read;
        } catch (const fr::error& refused) {
            REQUIRE(std::string(refused.what()).size() > 20);
        }
    }
    CHECK(read > 500); // both ends are reached
    CHECK(read < 9500);
}

TEST_CASE("what is written is read again, for all types") {
    const support::temporary_directory folder;
    for (const fr::dtype type : {fr::dtype::i8, fr::dtype::u8, fr::dtype::i16, fr::dtype::u16, fr::dtype::i32,
                                 fr::dtype::u32, fr::dtype::i64, fr::dtype::u64, fr::dtype::f32, fr::dtype::f64}) {
        fr::visit_dtype(type, [&]<class T>(std::type_identity<T>) {
            const std::vector<T> values = {T(0), T(1), T(2), T(3), T(4), std::numeric_limits<T>::max()};
            const auto path = folder.file("written.npy");
            fr::write_npy<T>(path, values, {3});
            const fr::read_only_file file(path);
            const auto header = fr::read_npy_header(file);
            CHECK(header.type == type);
            CHECK(header.shape == shape{2, 3});
            CHECK(header.data_offset == 128);
            std::vector<T> back(6);
            file.read(header.data_offset, back.data(), 6 * sizeof(T));
            CHECK(back == values);
            CHECK(file.size() == 128 + 6 * sizeof(T));
        });
    }
}

TEST_CASE("a written header is the one NumPy writes") {
    const support::temporary_directory folder;
    const auto written = [&](const shape& row) {
        const auto path = folder.file("h.npy");
        fr::write_npy<float>(path, std::vector<float>(24), row);
        const std::string bytes = support::bytes_of(path);
        return bytes.substr(0, bytes.find('}') + 1);
    };
    CHECK(written({}) == std::string("\x93NUMPY\x01\0v\0", 10) + npy_words("<f4", "(24,)"));
    CHECK(written({2}) == std::string("\x93NUMPY\x01\0v\0", 10) + npy_words("<f4", "(12, 2)"));
    CHECK(written({3, 4}) == std::string("\x93NUMPY\x01\0v\0", 10) + npy_words("<f4", "(2, 3, 4)"));
}

TEST_CASE("rows are streamed, the file appears under its name when it is complete") {
    const support::temporary_directory folder;
    const auto path = folder.file("frames.npy");
    {
        fr::npy_writer<float> writer(path, {4});
        for (int i = 0; i < 1000; ++i) {
            const auto value = static_cast<float>(i);
            writer.write(std::vector<float>{value, value, value, -value});
            REQUIRE_FALSE(support::temporary_directory::exists(path));
        }
        CHECK(support::temporary_directory::exists(path + ".part"));
        writer.write({});
        writer.finish();
    }
    CHECK_FALSE(support::temporary_directory::exists(path + ".part"));
    const fr::read_only_file file(path);
    CHECK(fr::read_npy_header(file).shape == shape{1000, 4});
    float last = 0;
    file.read(file.size() - sizeof last, &last, sizeof last);
    CHECK(last == -999);
}

TEST_CASE("an empty list of rows is a file too") {
    const support::temporary_directory folder;
    const auto path = folder.file("none.npy");
    fr::npy_writer<double>(path, {2}).finish();
    CHECK(header_of(path).shape == shape{0, 2});
}

TEST_CASE("without finish there is no file, and an older one stays as it was") {
    const support::temporary_directory folder;
    const auto path = folder.write("frames.npy", "the older one");
    {
        fr::npy_writer<float> writer(path);
        writer.write(std::vector<float>(100'000));
    }
    CHECK(support::bytes_of(path) == "the older one");
    CHECK_FALSE(support::temporary_directory::exists(path + ".part"));
    try {
        fr::npy_writer<float> writer(path);
        writer.write(std::vector<float>(100'000));
        throw std::runtime_error("interrupted");
    } catch (const std::runtime_error&) {
    }
    CHECK(support::bytes_of(path) == "the older one");
    CHECK_FALSE(support::temporary_directory::exists(path + ".part"));
    fr::write_npy<float>(path, std::vector<float>(3));
    CHECK(header_of(path).shape == shape{3});
}

TEST_CASE("half rows are refused and change nothing") {
    const support::temporary_directory folder;
    const auto path = folder.file("rows.npy");
    fr::npy_writer<float> writer(path, {4});
    writer.write(std::vector<float>(8));
    CHECK(sentence_of<fr::invalid_value>([&] { writer.write(std::vector<float>(6)); }) ==
          "6 values are no whole number of rows of 4 values; write whole rows to " + path);
    writer.finish();
    CHECK(header_of(path).shape == shape{2, 4});
    CHECK(sentence_of<fr::invalid_value>([&] { fr::write_npy<float>(path, std::vector<float>(6), {0}); }) ==
          "6 values are no whole number of rows of 0 values; write whole rows to " + path);
}

TEST_CASE("a place that cannot be written says so") {
    const support::temporary_directory folder;
    const auto nowhere = folder.file("no/such/folder.npy");
    CHECK(sentence_of<fr::file_error>([&] { fr::npy_writer<float> writer(nowhere); }) ==
          nowhere + " cannot be created (No such file or directory); check that the folder exists and may be written");
    CHECK(thrown_by<fr::file_error>([&] { fr::npy_writer<float> writer(nowhere); }).path() == nowhere);
    if (::geteuid() != 0) { // root may write everywhere
        CHECK(::chmod(folder.path().c_str(), 0500) == 0);
        const auto path = folder.file("a.npy");
        CHECK(sentence_of<fr::file_error>([&] { fr::npy_writer<float> writer(path); }) ==
              path + " cannot be created (Permission denied); check that the folder exists and may be written");
        CHECK(::chmod(folder.path().c_str(), 0700) == 0);
    }
    const auto directory = folder.file("directory.npy");
    REQUIRE(::mkdir(directory.c_str(), 0700) == 0);
    fr::npy_writer<float> writer(directory);
    CHECK(sentence_of<fr::file_error>([&] { writer.finish(); }) ==
          directory + " cannot be given its name (Is a directory); check the folder");
    CHECK_FALSE(support::temporary_directory::exists(directory + ".part"));
}

TEST_CASE("a full disk is an error, while writing or at the end, and leaves nothing") {
    const support::temporary_directory folder;
    const auto path = folder.file("full.npy");
    REQUIRE(::symlink("/dev/full", (path + ".part").c_str()) == 0);
    {
        fr::npy_writer<float> writer(path);
        CHECK(sentence_of<fr::file_error>([&] { writer.write(std::vector<float>(1'000'000)); }) ==
              path + " cannot be written (No space left on device); check that the disk is not full");
    }
    CHECK_FALSE(support::temporary_directory::exists(path));
    REQUIRE(::symlink("/dev/full", (path + ".part").c_str()) == 0);
    {
        fr::npy_writer<float> writer(path);
        writer.write(std::vector<float>(10)); // fits in the buffer
        CHECK(sentence_of<fr::file_error>([&] { writer.finish(); }) ==
              path + " cannot be written (No space left on device); check that the disk is not full");
    }
    CHECK_FALSE(support::temporary_directory::exists(path));
}

TEST_CASE("the header has room for any number of rows, whatever the shape of a row") {
    const support::temporary_directory folder;
    for (std::size_t dimensions = 0; dimensions < 60; ++dimensions) {
        const auto path = folder.file("deep.npy");
        fr::npy_writer<std::int32_t> writer(path, shape(dimensions, 1));
        for (std::int32_t i = 0; i < 12'345; ++i) {
            writer.write(std::vector<std::int32_t>{i});
        }
        writer.finish();
        const fr::read_only_file file(path);
        const auto header = fr::read_npy_header(file);
        REQUIRE(header.shape.size() == dimensions + 1);
        REQUIRE(header.shape[0] == 12'345);
        REQUIRE(file.size() == header.data_offset + 4 * 12'345);
        std::vector<std::int32_t> back(12'345);
        file.read(header.data_offset, back.data(), back.size() * 4);
        REQUIRE(back[0] == 0);
        REQUIRE(back[20] == 20);
        REQUIRE(back[12'344] == 12'344);
    }
}

TEST_CASE("a writer that has finished takes no more") {
    const support::temporary_directory folder;
    const auto path = folder.file("done.npy");
    fr::npy_writer<float> writer(path);
    writer.finish();
    const std::string said = path + " is already finished; write all rows before finish, and call it once";
    CHECK(sentence_of<fr::invalid_value>([&] { writer.write(std::vector<float>(1)); }) == said);
    CHECK(sentence_of<fr::invalid_value>([&] { writer.finish(); }) == said);
    CHECK(header_of(path).shape == shape{0});
}
