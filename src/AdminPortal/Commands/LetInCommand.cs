using System.CommandLine;
using AdminPortal.Domain.Secrets;
using AdminPortal.Hosting;
using AdminPortal.Provisioning.Users;
using AdminPortal.Storage;

namespace AdminPortal.Commands;

/// <summary><c>let-in</c>: prints a single-use sign-in link.</summary>
internal static class LetInCommand
{
    public static Command Create(CommandHost host)
    {
        var email = CommandSymbols.Operand("email", "The user's email address.");
        email.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !token.Value.Contains('@', StringComparison.Ordinal))
                result.AddError($"\"{token.Value}\" is not an email address.");
        });
        var administrator = CommandSymbols.Flag("--administrator", "Makes the user an administrator first: adds, enables or promotes the user.");
        var command = new Command("let-in", "Prints a link that signs a user in once, without a password and without single sign-on.")
        {
            email, administrator,
        };
        command.SetAction(result => host.RunOnDatabaseAsync(
            result, services => MakeLinkAsync(services, result.GetRequiredValue(email).Trim(), result.GetValue(administrator))));
        return command;
    }

    private static async Task<int> MakeLinkAsync(IServiceProvider services, string email, bool asAdministrator)
    {
        var directory = CommandHost.DataDirectory(services);
        if (!File.Exists(Path.Combine(directory, PortalDatabase.FileName)))
        {
            await Console.Error.WriteLineAsync(
                $"There is no database in {directory}. Start the portal once, which makes it, or set Portal:DataDirectory to the one that the portal uses.");
            return ExitCode.Failed;
        }

        try
        {
            var made = await services.GetRequiredService<ConsoleLinks>().MakeAsync(email, asAdministrator, CancellationToken.None);
            if (!made.Succeeded) return await CommandHost.FailAsync(made.Problems);
            // The link is a credential: it goes to the console and not to the log.
            await Console.Out.WriteLineAsync(
                $"""
                This link lets {made.Value.Email} in, once, until {made.Value.ExpiresAt:yyyy-MM-dd HH:mm} UTC:
                {made.Value.Url}
                The portal has to run for it. What was done stands in the activity record.
                """);
            return ExitCode.Success;
        }
        catch (Exception exception) when (
            exception is IOException or UnauthorizedAccessException or SecretUnreadableException || StorageProblems.Find(exception) is not null)
        {
            await Console.Error.WriteLineAsync(
                "No link was made: the database could not be written, or its key ring does not open. Start the portal once, so that the database "
                + $"is up to date, and run \"AdminPortal doctor\": it says more. ({exception.GetType().Name})");
            return ExitCode.Failed;
        }
    }
}
