// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/file.hpp>

#include "support/temporary_directory.hpp"

#include "../../examples/fieldreel/machine.hpp"

namespace {

const std::string mounts = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
                           "30 27 0:25 / /mnt rw,relatime - tmpfs none rw\n"
                           "31 30 0:26 / /mnt/lab\\040data rw,relatime shared:7 - nfs4 server:/lab\\040data rw\n"
                           "32 30 0:26 / /home rw - ext4 /dev/sdb1 rw\n"
                           "33 30 0:26 / /home rw - cifs //server/home rw\n";

TEST_CASE("the mount of a path is the longest that holds it, and of equals the last") {
    CHECK(mount_of(mounts, "/lab/a.npy").words() == "/ (ext4)");
    CHECK(mount_of(mounts, "/lab/a.npy").device == "/dev/vda");
    CHECK_FALSE(mount_of(mounts, "/lab/a.npy").network());
    const mount_point lab = mount_of(mounts, "/mnt/lab data/decode.npy");
    CHECK(lab.words() == "/mnt/lab data (nfs4)");
    CHECK(lab.device == "server:/lab data");
    CHECK(lab.network());
    CHECK(mount_of(mounts, "/mnt/lab data").file_system == "nfs4");
    CHECK(mount_of(mounts, "/mnt/lab database/x").file_system == "tmpfs"); // no part of a name
    CHECK(mount_of(mounts, "/home/x").file_system == "cifs");
    CHECK(mount_of("", "/home/x").where.empty());
}

void write(const support::temporary_directory& at, const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(at.file(name)).parent_path());
    at.write(name, text);
}

TEST_CASE("limits of control groups, version 2: the tightest of a group and those above") {
    const support::temporary_directory at;
    CHECK(find_group_limits(at.path()).processors == 0); // nothing there
    write(at, "proc/self/cgroup", "0::/batch/job7\n");
    write(at, "sys/fs/cgroup/batch/cpu.max", "150000 100000\n");
    write(at, "sys/fs/cgroup/batch/job7/cpu.max", "max 100000\n");
    write(at, "sys/fs/cgroup/batch/memory.max", "8589934592\n");
    write(at, "sys/fs/cgroup/batch/job7/memory.max", "4294967296\n");
    CHECK(find_group_limits(at.path()).processors == doctest::Approx(1.5));
    CHECK(find_group_limits(at.path()).memory_gib == doctest::Approx(4));
}

TEST_CASE("limits of control groups, version 1: a huge number and -1 are no limit") {
    const support::temporary_directory at;
    write(at, "proc/self/cgroup", "4:memory:/job\n1:cpu:/\n0::/\nnonsense\n");
    write(at, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write(at, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    write(at, "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    CHECK(find_group_limits(at.path()).memory_gib == 0);
    CHECK(find_group_limits(at.path()).processors == 0);
    write(at, "sys/fs/cgroup/memory/job/memory.limit_in_bytes", "1073741824\n");
    write(at, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n");
    CHECK(find_group_limits(at.path()).memory_gib == doctest::Approx(1));
    CHECK(find_group_limits(at.path()).processors == doctest::Approx(0.5));
}

TEST_CASE("sizes are told for people") {
    CHECK(byte_words(0) == "0 bytes");
    CHECK(byte_words(999) == "999 bytes");
    CHECK(byte_words(5224) == "5.2 kB");
    CHECK(byte_words(764'240) == "764 kB");
    CHECK(byte_words(1.6e9) == "1.6 GB");
}

#ifdef __linux__
TEST_CASE("open inputs are found, and their pages can be dropped") {
    const support::temporary_directory at;
    const std::string path = at.write("frames.raw", std::string(1 << 20, 'x'));
    const fieldreel::read_only_file file(path, fieldreel::access::map);
    char sum = 0;
    for (std::size_t i = 0; i < file.size(); i += 512) {
        sum = static_cast<char>(sum + static_cast<char>(file.data()[i]));
    }
    CHECK(sum == 0); // 2048 times 'x'
    const auto ours = [&](std::vector<input_file> all) {
        std::erase_if(all, [&](const input_file& f) { return f.path != std::filesystem::canonical(path); });
        return all;
    };
    std::vector<input_file> inputs = ours(open_inputs());
    REQUIRE(inputs.size() == 1);
    CHECK(inputs[0].bytes == 1 << 20);
    CHECK(inputs[0].mapped);
    CHECK(inputs[0].in_memory == 1);
    CHECK_FALSE(inputs[0].mount.where.empty());
    const std::vector<std::string> notes = drop_from_memory(inputs);
    if (notes.empty()) {
        CHECK(inputs[0].in_memory <= 0.01);
        CHECK(file.data()[4096] == std::byte{'x'}); // it comes back
        CHECK(ours(open_inputs())[0].in_memory > 0);
    } else {
        MESSAGE("the pages stay: " << notes[0]);
        CHECK(notes[0].starts_with("frames.raw: the kernel kept 1"));
        CHECK(notes[0].ends_with("; the first pass is not cold"));
    }
}
#endif

} // namespace
