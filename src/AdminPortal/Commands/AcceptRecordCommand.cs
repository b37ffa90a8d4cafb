using System.CommandLine;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Maintenance;

namespace AdminPortal.Commands;

/// <summary><c>accept-record</c>: accepts a changed activity record and starts a new chain after its last row.</summary>
internal static class AcceptRecordCommand
{
    public static Command Create(CommandHost host)
    {
        var yes = CommandSymbols.Flag("--yes", "Accepts the record without asking.");
        var command = new Command("accept-record", "Accepts a changed activity record and starts a new chain after its last row.") { yes };
        command.SetAction(result =>
        {
            var agreement = new TypedAgreement(result.GetValue(yes), "accept");
            return host.RunOnDatabaseAsync(result, services => AcceptAsync(services, agreement));
        });
        return command;
    }

    private static async Task<int> AcceptAsync(IServiceProvider services, TypedAgreement agreement)
    {
        if (agreement.IsImpossible)
        {
            await Console.Error.WriteLineAsync(
                "There is no terminal to ask at. Say --yes if the record shall be accepted as it is. Nothing was changed.");
            return ExitCode.Failed;
        }

        var accepted = await services.GetRequiredService<RecordAcceptance>().RunAsync(async problems =>
        {
            foreach (var problem in problems) await Console.Out.WriteLineAsync(problem);
            await Console.Out.WriteLineAsync(
                "A copy of the database is kept. A new chain with a new key begins behind the last row; existing rows stay but can no longer be verified.");
            return await agreement.AskAsync();
        }, CancellationToken.None);
        if (!accepted.Succeeded) return await CommandHost.FailAsync(accepted.Problems);
        await Console.Out.WriteLineAsync(
            $"The record was accepted. The database from before is kept as {accepted.Value}: it is the evidence. "
            + "If the key ring was changed too, rotate the key and remove the old keys on the page Keys.");
        return ExitCode.Success;
    }
}
