using System.CommandLine;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Maintenance;

namespace AdminPortal.Commands;

/// <summary><c>reset-second-factor</c>: lets a user who lost app, recovery codes and passkeys sign in with the password alone.</summary>
internal static class ResetSecondFactorCommand
{
    public static Command Create(CommandHost host)
    {
        var email = CommandSymbols.Operand("email", "The user's email address.");
        var command = new Command(
            "reset-second-factor", "Lets a user who lost app, recovery codes and passkeys sign in with the password alone.") { email };
        command.SetAction(result => host.RunOnDatabaseAsync(result, services => ResetAsync(services, result.GetRequiredValue(email))));
        return command;
    }

    private static async Task<int> ResetAsync(IServiceProvider services, string email)
    {
        var reset = await services.GetRequiredService<FactorReset>().RunAsync(email, CancellationToken.None);
        if (!reset.Succeeded) return await CommandHost.FailAsync(reset.Problems);
        await Console.Out.WriteLineAsync(
            $"The second factor of {reset.Value} was reset, and the person's sessions end. The password was not changed: it lets in by itself now.");
        return ExitCode.Success;
    }
}
