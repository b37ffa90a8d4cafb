using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace AdminPortal.Platform;

/// <summary>The operating system's clock that counts suspension.</summary>
/// <remarks>
/// Linux: CLOCK_BOOTTIME. macOS: CLOCK_MONOTONIC, which counts sleep there. Windows: GetTickCount64, which counts sleep too.
/// A hypervisor that pauses a virtual machine may hide the pause from all of them, so callers also compare the wall clock.
/// </remarks>
internal sealed class SystemSuspendAwareClock : ISuspendAwareClock
{
    private const int LinuxBootTime = 7;
    private const int MacMonotonic = 6;

    public TimeSpan Elapsed =>
        OperatingSystem.IsLinux() ? Read(LinuxBootTime)
        : OperatingSystem.IsMacOS() ? Read(MacMonotonic)
        : TimeSpan.FromMilliseconds(Environment.TickCount64);

    [UnsupportedOSPlatform("windows")]
    private static TimeSpan Read(int clock) => ReadClock(clock, out var time) == 0
        ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0)
        : throw new Win32Exception(Marshal.GetLastPInvokeError());

#pragma warning disable SYSLIB1054 // The generated form needs unsafe code, and this call has nothing to marshal.
    [DllImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ReadClock(int clock, out UnixTime time);
#pragma warning restore SYSLIB1054

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct UnixTime
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
