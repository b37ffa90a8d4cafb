using System.CommandLine;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Maintenance;

namespace AdminPortal.Commands;

/// <summary><c>forget-secrets</c>: erases the secrets of a lost key ring.</summary>
internal static class ForgetSecretsCommand
{
    public static Command Create(CommandHost host)
    {
        var yes = CommandSymbols.Flag("--yes", "Erases the secrets without asking.");
        var command = new Command("forget-secrets", "Erases the secrets of a key ring that is lost, and starts a new one.") { yes };
        command.SetAction(result =>
        {
            var agreement = new TypedAgreement(result.GetValue(yes), "forget");
            return host.RunOnDatabaseAsync(result, services => ForgetAsync(services, agreement));
        });
        return command;
    }

    private static async Task<int> ForgetAsync(IServiceProvider services, TypedAgreement agreement)
    {
        if (agreement.IsImpossible)
        {
            await Console.Error.WriteLineAsync(
                "There is no terminal to ask at. Say --yes if the secrets shall be forgotten. Nothing was changed.");
            return ExitCode.Failed;
        }

        var forgotten = await services.GetRequiredService<SecretsForgetting>().RunAsync(async count =>
        {
            await Console.Out.WriteLineAsync(
                $"The key ring does not open. {count} sealed values are erased; everything else remains. A copy of the database is made first.");
            return await agreement.AskAsync();
        }, CancellationToken.None);
        if (!forgotten.Succeeded) return await CommandHost.FailAsync(forgotten.Problems);
        await Console.Out.WriteLineAsync(
            $"""
            {forgotten.Value.Erased} values were erased. The database from before is kept as {forgotten.Value.Kept}: should the certificate turn up, restore it.
            Start the portal. Enter the organization and user secrets of the platform accounts anew and the client secrets of the provider apps,
            then run a sync of each account: it reads the instances' tokens from the platform.
            """);
        return ExitCode.Success;
    }
}
