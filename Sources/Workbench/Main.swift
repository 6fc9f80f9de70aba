/// Where the program starts.
@main
enum Main {
  static func main() {
    WorkbenchMain.run()
  }
}
