using System.Diagnostics;
using AdminPortal.Chaos.Driving;

namespace AdminPortal.Chaos.Trouble;

/// <summary>A portal whose data directory lies on a disk of its own, small and in memory, which a file fills up. On Linux, as root, who may mount it.</summary>
public sealed class FullDisk : IScarcity, IDisposable
{
    private readonly DirectoryInfo _disk = Directory.CreateTempSubdirectory("portal-disk-");

    public string Name => "disk";

    public string Sentence => "The disk is full";

    private string Filler => Path.Combine(_disk.FullName, "filler");

    public async Task<PortalUnderTest> StartAsync()
    {
        Run("mount", "-t", "tmpfs", "-o", "size=32m,mode=0700", "tmpfs", _disk.FullName);
        // The portal makes the directory itself, for its own eyes.
        return await PortalUnderTest.StartAsync(data: new DirectoryInfo(Path.Combine(_disk.FullName, "data")));
    }

    public async Task BeginAsync(PortalUnderTest portal)
    {
        await using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        // Ever smaller pieces, down to the last page.
        for (var size = 1 << 20; size >= 512; size /= 2)
        {
            try
            {
                while (true) await file.WriteAsync(new byte[size]);
            }
            catch (IOException)
            {
                // Full for a piece of this size.
            }
        }
    }

    public Task EndAsync()
    {
        File.Delete(Filler);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        Run("umount", _disk.FullName);
        _disk.Delete();
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}: a disk of its own can be had by root alone.");
    }
}
