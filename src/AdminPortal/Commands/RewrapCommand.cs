using System.CommandLine;
using AdminPortal.Domain.Access;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Keys;

namespace AdminPortal.Commands;

/// <summary><c>rewrap</c>: wraps the key ring with the configured certificate.</summary>
internal static class RewrapCommand
{
    public static Command Create(CommandHost host)
    {
        var command = new Command("rewrap", "Wraps the key ring with the configured certificate, while the portal runs.");
        command.SetAction(result => host.RunOnDatabaseAsync(result, WrapAsync));
        return command;
    }

    private static async Task<int> WrapAsync(IServiceProvider services)
    {
        var wrapped = await services.GetRequiredService<KeyWrapping>().RunAsync(Actor.Portal, CancellationToken.None);
        if (!wrapped.Succeeded) return await CommandHost.FailAsync(wrapped.Problems);
        await Console.Out.WriteLineAsync(wrapped.Value == 0
            ? "Every key is wrapped by the configured certificate already."
            : $"{wrapped.Value} {(wrapped.Value == 1 ? "key is" : "keys are")} wrapped by the configured certificate now. "
              + "The former one is not needed any more: take Portal:KeyRing:PreviousCertificatePath out, "
              + "and keep the former certificate with the backups from before.");
        return ExitCode.Success;
    }
}
