using System.CommandLine;
using AdminPortal.Commands;
using AdminPortal.Hosting;

namespace AdminPortal.Components.Tests.Commands;

public sealed class PortalCommandLineTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private (string[] Settings, TimeSpan Wait)? _started;

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("-?")]
    [InlineData("help")]
    public async Task Run_Help_ListsCommandsOptionsAndExitCodes(string word)
    {
        (await RunAsync(word)).ShouldBe(0);

        var help = _output.ToString();
        foreach (var command in PortalCommandLine.Build([], StartAsync).Subcommands) help.ShouldContain(command.Name);
        help.ShouldContain("--wait <seconds>");
        help.ShouldContain("AdminPortal backup <file>");
        help.ShouldContain("--Portal:DataDirectory=");
        help.ShouldContain(ExitCode.Table);
        _started.ShouldBeNull();
    }

    [Theory]
    [InlineData("backup", "--help")]
    [InlineData("help", "backup")]
    public async Task Run_HelpOfACommand_ListsItsArgumentsAndOptions(params string[] words)
    {
        (await RunAsync(words)).ShouldBe(0);

        var help = _output.ToString();
        foreach (var word in new[] { "<file>", "--force", "--passphrase-file <file>", "--wait <seconds>", ExitCode.Table }) help.ShouldContain(word);
        help.ShouldNotContain("--administrator");
    }

    [Theory]
    [InlineData("ba", "backup")]
    [InlineData("doctor --off", "--offline")]
    [InlineData("let-in ada@example.com --ad", "--administrator")]
    public async Task Run_Suggest_ListsCompletions(string typed, string expected)
    {
        (await RunAsync($"[suggest:{typed.Length}]", typed)).ShouldBe(0);

        _output.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ShouldBe([expected]);
    }

    [Theory]
    [InlineData("There is no command \"bakcup\".", "bakcup", "file")]
    [InlineData("There is no command \"bakcup\".", "--Portal:DataDirectory=/data", "bakcup")]
    [InlineData("Run \"AdminPortal backup --help\"", "backup")]
    [InlineData("There is no option \"--forse\".", "backup", "--forse")]
    [InlineData("does not take \"other\"", "backup", "file", "other")]
    [InlineData("does not take \"--yes\"", "backup", "file", "--yes")]
    [InlineData("does not take \"--yes\"", "--yes", "backup", "file")]
    [InlineData("--force was given more than once.", "backup", "file", "--force", "--force")]
    [InlineData("--passphrase and --passphrase-file exclude each other.", "backup", "file", "--passphrase", "--passphrase-file", "secret")]
    [InlineData("--passphrase-file", "restore", "file", "--passphrase-file")]
    [InlineData("--against", "doctor", "--against", "a", "--against", "b")]
    [InlineData("does not take \"now\"", "rewrap", "now")]
    [InlineData("\"ada\" is not an email address.", "let-in", "ada")]
    [InlineData("--wait takes a whole number of seconds", "rewrap", "--wait", "soon")]
    [InlineData("--wait takes a whole number of seconds", "--wait")]
    [InlineData("--wait takes a whole number of seconds", "--wait=-1")]
    [InlineData("--wait takes a whole number of seconds", "--wait", "86401")]
    public async Task Run_WrongUsage_NamesTheFix(string sentence, params string[] words)
    {
        (await RunAsync(words)).ShouldBe(ExitCode.WrongUsage);

        _error.ToString().ShouldContain(sentence);
        _error.ToString().ShouldContain("--help\" for the usage.");
        _started.ShouldBeNull();
    }

    [Theory]
    [InlineData]
    [InlineData("--urls", "http://127.0.0.1:5080", "--Portal:PublicBaseUrl=https://portal.example.com")]
    [InlineData("--Portal:PublicBaseUrl", "https://portal.example.com")]
    [InlineData("--contentRoot=/srv/portal")]
    [InlineData("--shutdownTimeoutSeconds", "5")]
    [InlineData("/Portal:DataDirectory=/data")]
    [InlineData("Portal:DataDirectory=/data")]
    public async Task Run_SettingsAlone_StartThePortalWithThem(params string[] words)
    {
        (await RunAsync(words)).ShouldBe(42);

        _started.ShouldNotBeNull().Settings.ShouldBe(words);
        _started.Value.Wait.ShouldBe(TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("--wait", "5", "--urls", "http://127.0.0.1:5080")]
    [InlineData("--urls", "http://127.0.0.1:5080", "--wait=5")]
    public async Task Run_Wait_IsNoSetting(params string[] words)
    {
        (await RunAsync(words)).ShouldBe(42);

        _started.ShouldNotBeNull().Settings.ShouldBe(["--urls", "http://127.0.0.1:5080"]);
        _started.Value.Wait.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("--against", "C:\\anchors")]
    [InlineData("--against=C:\\anchors")]
    public void Split_ValueWithAColon_IsNoSetting(params string[] words)
    {
        var (settings, others) = SettingArguments.Split(["doctor", .. words, "--Portal:DataDirectory=/data"]);

        settings.ShouldBe(["--Portal:DataDirectory=/data"]);
        var result = PortalCommandLine.Build(settings, StartAsync).Parse(others);
        result.Errors.ShouldBeEmpty();
        result.GetValue<string>("--against").ShouldBe("C:\\anchors");
    }

    private Task<int> StartAsync(string[] settings, TimeSpan wait)
    {
        _started = (settings, wait);
        return Task.FromResult(42);
    }

    private Task<int> RunAsync(params string[] words) =>
        PortalCommandLine.RunAsync(words, StartAsync, new InvocationConfiguration { Output = _output, Error = _error });
}
