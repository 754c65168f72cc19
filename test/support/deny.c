/* Starts a program to which the kernel denies calls: deny linger,connect,… PROGRAM ARGUMENT… */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#else
#error "the numbers of this machine are not known here"
#endif

/* The low word of an argument, on a little-endian machine. */
#define ARGUMENT(n) (offsetof(struct seccomp_data, args) + 8 * (n))
#define LOAD(at) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (at))
#define SKIP_UNLESS(value, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (count))
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define DENY(number) ANSWER(SECCOMP_RET_ERRNO | (number))

static struct sock_filter filter[64];
static unsigned short length;

static void add(const struct sock_filter *part, size_t count)
{
	memcpy(filter + length, part, count * sizeof *part);
	length += (unsigned short)count;
}

#define ADD(...) add((struct sock_filter[]){__VA_ARGS__}, sizeof((struct sock_filter[]){__VA_ARGS__}) / sizeof *filter)

static int deny(const char *call)
{
	const unsigned number = offsetof(struct seccomp_data, nr);
	if (strcmp(call, "linger") == 0)
		ADD(LOAD(number), SKIP_UNLESS(__NR_setsockopt, 5), LOAD(ARGUMENT(1)), SKIP_UNLESS(SOL_SOCKET, 3),
		    LOAD(ARGUMENT(2)), SKIP_UNLESS(SO_LINGER, 1), DENY(EPERM));
	else if (strcmp(call, "connect") == 0)
		ADD(LOAD(number), SKIP_UNLESS(__NR_connect, 1), DENY(EPERM));
	else if (strcmp(call, "getpeername") == 0)
		ADD(LOAD(number), SKIP_UNLESS(__NR_getpeername, 1), DENY(ENOBUFS));
	/* What says whether the peer has reset, and how much it has: SO_TYPE and others are the runtime's. */
	else if (strcmp(call, "getsockopt") == 0)
		ADD(LOAD(number), SKIP_UNLESS(__NR_getsockopt, 4), LOAD(ARGUMENT(2)),
		    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SO_ERROR, 1, 0), SKIP_UNLESS(TCP_INFO, 1), DENY(ENOSYS));
	else
		return -1;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	ADD(LOAD(offsetof(struct seccomp_data, arch)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0),
	    ANSWER(SECCOMP_RET_ALLOW));
	for (char *call = strtok(argv[1], ","); call != NULL; call = strtok(NULL, ","))
		if (deny(call) != 0)
			return fprintf(stderr, "deny: there is no call %s\n", call), 2;
	ADD(ANSWER(SECCOMP_RET_ALLOW));
	struct sock_fprog program = {length, filter};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		return perror("deny: seccomp"), 3;
	execvp(argv[2], argv + 2);
	return perror("deny: exec"), 127;
}
