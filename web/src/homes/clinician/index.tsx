export default function Home() {
  return <h1>clinician</h1>;
}
