using System.CommandLine;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Maintenance;

namespace AdminPortal.Commands;

/// <summary><c>doctor</c>: examines the installation and reports one line for each subject.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandHost host)
    {
        var offline = CommandSymbols.Flag("--offline", "Does not call the platforms.");
        var against = CommandSymbols.Valued(
            "--against", "file or directory", "Compares the activity record with anchors that were kept elsewhere.");
        var command = new Command("doctor", "Examines settings, database, key ring, activity record and platforms.") { offline, against };
        command.SetAction(result => host.RunAsync(services => ExamineAsync(services, result.GetValue(offline), result.GetValue(against))));
        return command;
    }

    private static async Task<int> ExamineAsync(IServiceProvider services, bool offline, string? against)
    {
        var (warnings, problems) = (0, 0);
        await foreach (var finding in services.GetRequiredService<Doctor>().ExamineAsync(offline, CancellationToken.None, against))
        {
            var word = finding.Level switch { FindingLevel.Ok => "ok", FindingLevel.Warning => "warning", _ => "problem" };
            var remedy = finding.Remedy is null ? "" : $" {finding.Remedy}";
            await Console.Out.WriteLineAsync($"{word,-8} {finding.Topic}: {finding.Text}{remedy}");
            if (finding.Level == FindingLevel.Warning) warnings++;
            if (finding.Level == FindingLevel.Problem) problems++;
        }

        await Console.Out.WriteLineAsync(
            $"{problems} {(problems == 1 ? "problem" : "problems")}, {warnings} {(warnings == 1 ? "warning" : "warnings")}.");
        return problems == 0 ? ExitCode.Success : ExitCode.Failed;
    }
}
