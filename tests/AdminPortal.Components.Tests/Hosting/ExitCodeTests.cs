using System.Globalization;
using System.Text.RegularExpressions;
using AdminPortal.Hosting;

namespace AdminPortal.Components.Tests.Hosting;

/// <summary>The documentation of the exit codes and the unit file, against the code.</summary>
public sealed partial class ExitCodeTests
{
    [Fact]
    public void ReadMe_ExitCodes_AreThoseOfTheProgram()
    {
        var rows = Row().Matches(Read("README.md")).Select(row => (int.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture), row.Groups[2].Value));

        rows.ShouldBe(ExitCode.All);
    }

    [Fact]
    public void ExitCodes_All_AreDistinct()
    {
        var constants = typeof(ExitCode).GetFields().Where(field => field.IsLiteral).Select(field => (int)field.GetRawConstantValue()!).ToList();

        constants.Distinct().Count().ShouldBe(constants.Count);
        ExitCode.All.Select(row => row.Code).ShouldBe(constants.Order());
    }

    [Fact]
    public void UnitFile_CodesThatAreNotRestarted_NeedAnAdministrator() =>
        Prevented().Match(Read("src", "AdminPortal", "Deploy", "adminportal.service")).Groups[1].Value.Split(' ').Select(code => int.Parse(code, CultureInfo.InvariantCulture))
            .ShouldBe([ExitCode.WrongUsage, ExitCode.WrongSettings, ExitCode.DatabaseDamaged, ExitCode.DatabaseVersion, ExitCode.KeyRing]);

    private static string Read(params string[] path) => File.ReadAllText(Path.Combine([Repository.Root, .. path]));

    [GeneratedRegex(@"^\| (\d+) \| ([^|]+) \|\r?$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^RestartPreventExitStatus=([\d ]+)$", RegexOptions.Multiline)]
    private static partial Regex Prevented();
}
