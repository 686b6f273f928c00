/* Wine 8 has no bcryptprimitives.dll, from which Rust's standard library takes its random numbers. */
#include <stddef.h>

unsigned char __stdcall SystemFunction036(void *data, unsigned long length); /* RtlGenRandom */

__declspec(dllexport) int ProcessPrng(unsigned char *data, size_t length)
{
    while (length > 0) {
        unsigned long part = length > 65536 ? 65536 : (unsigned long)length;
        if (!SystemFunction036(data, part))
            return 0;
        data += part;
        length -= part;
    }
    return 1;
}
