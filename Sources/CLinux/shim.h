// Linux calls that Swift's Glibc module does not declare.
#pragma once
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/random.h>
#include <sys/socket.h>

// Behind _GNU_SOURCE in <sys/socket.h>, which Swift imports without it.
int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags);

// Behind _GNU_SOURCE in <pthread.h>, where pthread_t is an unsigned long. The header itself stays
// out, for its types would belong to this module and no longer to Glibc.
int pthread_setname_np(unsigned long thread, const char *name);

// Behind _GNU_SOURCE in <sys/mman.h> likewise.
int memfd_create(const char *name, unsigned int flags);

// Behind _GNU_SOURCE in <stdio.h> likewise; swaps two names when flags is RENAME_EXCHANGE (2).
int renameat2(int old_directory, const char *old_path, int new_directory, const char *new_path,
              unsigned int flags);
