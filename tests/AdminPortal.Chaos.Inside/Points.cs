using System.Globalization;
using System.Runtime.InteropServices;

namespace AdminPortal.Chaos.Inside;

/// <summary>The places in the portal's work at which it can be killed, counted from when that was asked for.</summary>
internal static partial class Points
{
    private const int MaxNames = 20_000;
    private const int Kill = 9;
    private const int Stop = 19;

    private static readonly Lock Gate = new();
    private static readonly List<string> Names = [];
    private static bool _counting;
    private static int _killAt;
    private static int _stopAt;
    private static int _count;

    static Points()
    {
        // Killed while it starts again.
        if (int.TryParse(Environment.GetEnvironmentVariable(Settings.KillAt), CultureInfo.InvariantCulture, out var killAt)) Arm(killAt);
    }

    /// <summary>Counts from here on.</summary>
    /// <param name="killAt">The point at which this process ends; 0: none.</param>
    /// <param name="stopAt">The point at which this process is stopped until it is told to go on; 0: none.</param>
    public static void Arm(int killAt, int stopAt = 0)
    {
        lock (Gate)
        {
            Names.Clear();
            _count = 0;
            _killAt = killAt;
            _stopAt = stopAt;
            _counting = true;
        }
    }

    public static void Disarm()
    {
        lock (Gate) _counting = false;
    }

    public static IReadOnlyList<string> Reached()
    {
        lock (Gate) return [.. Names];
    }

    public static void Reach(string name)
    {
        lock (Gate)
        {
            if (!_counting) return;
            _count++;
            if (Names.Count < MaxNames) Names.Add(name);
            if (_count == _stopAt) Pause();
            if (_count != _killAt) return;
            if (Environment.GetEnvironmentVariable(Settings.KilledFile) is { Length: > 0 } file)
                File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $"{_count} {name}"));
            // Nothing is flushed, nobody is told: as a power failure, but for what the kernel already has.
            _ = Signal(Environment.ProcessId, Kill);
            // The signal takes a moment to arrive; this thread does nothing more until then.
            Thread.Sleep(Timeout.Infinite);
        }
    }

    // As a machine that is suspended: every thread stands still, and when they go on it is later.
    private static void Pause()
    {
        if (Environment.GetEnvironmentVariable(Settings.ResumedFile) is not { Length: > 0 } file) return;
        _ = Signal(Environment.ProcessId, Stop);
        // The signal takes a moment to arrive. This thread goes on only when it knows how late it is.
        while (!File.Exists(file)) Thread.Sleep(10);
        ShiftedTime.Current.Advance(TimeSpan.FromSeconds(double.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture)));
        File.Delete(file);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Signal(int process, int signal);
}
