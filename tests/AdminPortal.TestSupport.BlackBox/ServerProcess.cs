using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace AdminPortal.TestSupport.BlackBox;

/// <summary>A server in its own process. It is killed when the test process exits.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly ConcurrentDictionary<int, Process> Running = new();

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly SemaphoreSlim _line = new(0);

    static ServerProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Running.Values) process.Kill(entireProcessTree: true);
    };

    private ServerProcess(Process process) => _process = process;

    /// <summary>Everything that it has written so far.</summary>
    public string Output => string.Join('\n', _output);

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public int Id => _process.Id;

    /// <summary>Starts <c>dotnet {program} {arguments}</c>, with nothing of this process's own settings.</summary>
    /// <param name="program">The program's assembly.</param>
    /// <param name="arguments">What it is told.</param>
    /// <param name="environment">Its settings.</param>
    /// <param name="handles">How many files and connections it may have open at once; as many as this process, where nothing is said.</param>
    public static ServerProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, int? handles = null)
    {
        var start = new ProcessStartInfo(handles is null ? "dotnet" : "bash")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        if (handles is { } limit)
        {
            foreach (var word in new[] { "-c", "ulimit -n \"$0\" && exec dotnet \"$@\"", limit.ToString(CultureInfo.InvariantCulture) }) start.ArgumentList.Add(word);
        }

        start.ArgumentList.Add(program);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;

        var process = new Process { StartInfo = start };
        var server = new ServerProcess(process);
        process.OutputDataReceived += server.Receive;
        process.ErrorDataReceived += server.Receive;
        // Who waits for a line of a program that has ended without another one is told.
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => server.Wake();
        process.Start();
        Running[process.Id] = process;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return server;
    }

    /// <summary>A port that is free on loopback.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Waits until the program has written a text that matches.</summary>
    public async Task<Match> WaitForAsync(Regex pattern)
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        while (true)
        {
            if (pattern.Match(Output) is { Success: true } match) return match;
            if (_process.HasExited) throw new InvalidOperationException($"The program ended with exit code {_process.ExitCode}:\n{Output}");
            try
            {
                await _line.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"The program never wrote {pattern}:\n{Output}");
            }
        }
    }

    /// <summary>Asks it to stop, as a service manager would, and waits for it.</summary>
    public async Task StopAsync()
    {
        if (_process.HasExited) return;
        if (OperatingSystem.IsWindows())
            _process.Kill(entireProcessTree: true);
        else if (Signal(_process.Id, Terminate) != 0)
            throw new InvalidOperationException($"Process {_process.Id} could not be asked to stop.");
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends it at once, as a power failure would.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits until it ends by itself.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Running.TryRemove(_process.Id, out _);
        _process.Dispose();
        _line.Dispose();
    }

    private const int Terminate = 15;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);

    private void Receive(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null) return;
        _output.Enqueue(line.Data);
        Wake();
    }

    private void Wake()
    {
        try
        {
            _line.Release();
        }
        catch (ObjectDisposedException)
        {
            // It was killed to be disposed of: nobody waits any more.
        }
    }
}
