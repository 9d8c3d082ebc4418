// SPDX-License-Identifier: MIT
#include "support/drop_files.hpp"

#include <cstddef>
#include <memory>
#include <string>

#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <poll.h>

namespace support {

namespace {

class dragging {
public:
    explicit dragging(const std::string& path) : words_("file://" + path + "\r\n"), display_(XOpenDisplay(nullptr)) {}
    std::string drop() {
        if (!display_) {
            return "there is no display";
        }
        const ::Window root = DefaultRootWindow(display_.get());
        own_ = XCreateSimpleWindow(display_.get(), root, 0, 0, 1, 1, 0, 0, 0);
        if (!find_target(root)) {
            return "no window takes files";
        }
        XSetSelectionOwner(display_.get(), atom("XdndSelection"), own_, CurrentTime);
        send("XdndEnter", 5L << 24, static_cast<long>(atom("text/uri-list")), 0, 0);
        send("XdndPosition", 0, (middle_x_ << 16) | middle_y_, CurrentTime, static_cast<long>(atom("XdndActionCopy")));
        if (!wait_for("XdndStatus") || (answered_ & 1) == 0) {
            return "the window does not take this";
        }
        send("XdndDrop", 0, CurrentTime, 0, 0);
        return wait_for("XdndFinished") ? "" : "the window took nothing";
    }

private:
    struct closing {
        void operator()(::Display* display) const { XCloseDisplay(display); }
    };
    ::Atom atom(const std::string& name) { return XInternAtom(display_.get(), name.c_str(), False); }
    bool find_target(::Window root) {
        ::Window parent = 0;
        ::Window* children = nullptr;
        unsigned count = 0;
        XQueryTree(display_.get(), root, &parent, &parent, &children, &count);
        for (unsigned i = 0; i < count; ++i) {
            int properties = 0;
            ::Atom* const names = XListProperties(display_.get(), children[i], &properties);
            for (int k = 0; k < properties; ++k) {
                target_ = names[k] == atom("XdndAware") ? children[i] : target_;
            }
            XFree(names);
        }
        XFree(children);
        ::XWindowAttributes shape = {};
        if (target_ == 0 || XGetWindowAttributes(display_.get(), target_, &shape) == 0) {
            return false;
        }
        middle_x_ = shape.x + shape.width / 2;
        middle_y_ = shape.y + shape.height / 2;
        return true;
    }
    void send(const char* what, long a, long b, long c, long d) {
        ::XEvent event = {};
        event.xclient.type = ClientMessage;
        event.xclient.window = target_;
        event.xclient.message_type = atom(what);
        event.xclient.format = 32;
        const long values[] = {static_cast<long>(own_), a, b, c, d};
        for (std::size_t i = 0; i < 5; ++i) {
            event.xclient.data.l[i] = values[i];
        }
        XSendEvent(display_.get(), target_, False, NoEventMask, &event);
        XFlush(display_.get());
    }
    /// Meanwhile the window asks for the list of files.
    bool wait_for(const std::string& answer) {
        ::pollfd from = {ConnectionNumber(display_.get()), POLLIN, 0};
        do {
            while (XPending(display_.get()) > 0) {
                ::XEvent event = {};
                XNextEvent(display_.get(), &event);
                if (event.type == SelectionRequest) {
                    give_list(event.xselectionrequest);
                } else if (event.type == ClientMessage && event.xclient.message_type == atom(answer)) {
                    answered_ = event.xclient.data.l[1];
                    return true;
                }
            }
        } while (::poll(&from, 1, 10'000) > 0);
        return false;
    }
    void give_list(const ::XSelectionRequestEvent& asked) {
        XChangeProperty(display_.get(), asked.requestor, asked.property, asked.target, 8, PropModeReplace,
                        reinterpret_cast<const unsigned char*>(words_.data()), static_cast<int>(words_.size()));
        ::XEvent event = {};
        event.xselection.type = SelectionNotify;
        event.xselection.requestor = asked.requestor;
        event.xselection.selection = asked.selection;
        event.xselection.target = asked.target;
        event.xselection.property = asked.property;
        event.xselection.time = asked.time;
        XSendEvent(display_.get(), asked.requestor, False, NoEventMask, &event);
        XFlush(display_.get());
    }

    std::string words_;
    std::unique_ptr<::Display, closing> display_;
    ::Window own_ = 0;
    ::Window target_ = 0;
    long middle_x_ = 0;
    long middle_y_ = 0;
    long answered_ = 0;
};

} // namespace

std::string drop_file(const std::string& path) {
    return dragging(path).drop();
}

} // namespace support
